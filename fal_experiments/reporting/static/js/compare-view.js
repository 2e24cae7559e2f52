/* How the panes of a comparison stand on the screen: a grid of all, or two at one place. */
(function (falExp) {
  'use strict';

  const { el, icon, byId, settle } = falExp.dom;
  const GAP_PX = 8;
  const LETTERS = { first: 'A', second: 'B' };
  /** From here on flashes can trigger seizures (WCAG 2.2, 2.3.1). */
  const SAFE_HZ = 3;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  /** Which side shows in swap; and since when it changes by itself. */
  const side = { showsSecond: false, since: null };
  let state = null;
  let panes = new Map();
  let observer = null;

  const isPair = () => state.picture !== 'grid';
  const paneAt = (slot) => panes.get(state.cells[state[slot]]);

  /** @returns {Pane[]} those that are on the screen, and so play */
  function active() {
    if (isPair()) return [paneAt('first'), paneAt('second')];
    return state.cells.map((key) => panes.get(key));
  }

  /** Lay the panes as the state says. */
  function lay(next, all) {
    state = next;
    panes = all;
    const stage = byId('compare-stage');
    const shown = active();
    stage.dataset.picture = state.picture;
    stage.classList.toggle('pair', isPair());
    for (const [key, pane] of panes) {
      const slot = Object.keys(LETTERS).find((each) => state.cells[state[each]] === key);
      pane.node.hidden = !shown.includes(pane);
      pane.node.dataset.slot = isPair() && slot ? slot : '';
      pane.slot.hidden = !isPair() || !slot;
      pane.slot.textContent = slot ? LETTERS[slot] : '';
      buildTools(pane, state.cells.indexOf(key));
      buildOffsets(pane, state.cells.indexOf(key));
    }
    byId('compare-pair').hidden = !isPair();
    document.querySelectorAll('.compare-set').forEach((set) => { set.hidden = set.dataset.for !== state.picture; });
    if (isPair()) stage.style.setProperty('--ratio', String(Math.max(paneAt('first').ratio, paneAt('second').ratio)));
    if (state.picture !== 'swap') side.since = null;
    drawSide();
    fit();
  }

  /** Draw the line, the gain and the veil of two pictures: cheap enough for every move of a finger. */
  function paint(next) {
    state = next;
    const stage = byId('compare-stage');
    const is = (picture) => state.picture === picture;
    stage.style.setProperty('--wipe', String(state.wipe));
    stage.style.setProperty('--opacity', String(state.opacity));
    stage.dataset.line = state.line;
    byId('compare-handle').hidden = !is('wipe');
    const veil = byId('compare-gain-veil');
    veil.hidden = !is('difference') || state.gain === 1;
    // To dodge with a grey of 1 − 1/gain multiplies what is below by the gain.
    veil.style.setProperty('--grey', `${(1 - 1 / state.gain) * 100}%`);
  }

  function buildTools(pane, place) {
    const { name } = pane;
    const tool = (what, label, act, pressed) => {
      const button = el('button', { class: 'quiet', type: 'button', title: label, 'aria-label': `${label}: ${name}`, 'aria-pressed': pressed },
        what.length === 1 ? what : icon(what));
      button.addEventListener('click', act);
      return button;
    };
    const { change, remove } = falExp.compare;
    const isHeard = state.solo === place;
    const pin = (slot) => () => change(falExp.compareState.pinned(state, slot, place));
    const focused = pane.tools.contains(document.activeElement) ? document.activeElement.title : null;
    pane.tools.replaceChildren(...[
      pane.maySound && tool(isHeard ? 'sound' : 'mute', isHeard ? 'Silence' : 'Hear only this', () => change({ solo: isHeard ? null : place }), String(isHeard)),
      state.cells.length > 2 && tool('A', 'Make it A', pin('first'), String(state.first === place)),
      state.cells.length > 2 && tool('B', 'Make it B', pin('second'), String(state.second === place)),
      tool('expand', 'Details', () => falExp.drawer.open(pane.index)),
      tool('close', 'Take out', () => remove(pane.key)),
    ].filter(Boolean));
    if (focused) [...pane.tools.children].find((button) => button.title === focused)?.focus();
  }

  function buildOffsets(pane, place) {
    pane.offsets.hidden = state.sync !== 'offset' || !pane.hasClip;
    if (pane.offsets.hidden || pane.offsets.contains(document.activeElement)) {
      const input = pane.offsets.querySelector('input');
      if (input && document.activeElement !== input) input.value = state.offsets[place].toFixed(3);
      return;
    }
    const frameS = 1 / (pane.strip.fps || falExp.kernel.USUAL_FPS);
    const by = (deltaS, label, title) => {
      const button = el('button', { class: 'quiet', type: 'button', title, 'aria-label': `${title}: ${pane.name}` }, label);
      button.addEventListener('click', () => falExp.compare.offset(place, (falExp.compare.state().offsets[place] || 0) + deltaS));
      return button;
    };
    const input = el('input', { type: 'number', step: '0.001', 'aria-label': `Seconds ahead: ${pane.name}` });
    input.value = state.offsets[place].toFixed(3);
    input.addEventListener('change', () => falExp.compare.offset(place, Number(input.value) || 0));
    pane.offsets.replaceChildren(by(-1, '−1 s', 'One second back'), by(-frameS, '−1 f', 'One frame back'),
      input, by(frameS, '+1 f', 'One frame ahead'), by(1, '+1 s', 'One second ahead'));
  }

  /** Choose the columns that show most, in the room there is. */
  const fitLater = settle(60, fit);
  function fit() {
    const stage = byId('compare-stage');
    if (!state || isPair()) return;
    const shown = active();
    const wordsPx = (columns) => {
      stage.style.setProperty('--columns', String(columns));
      return Math.max(...shown.map((pane) => pane.head.offsetHeight + pane.foot.offsetHeight)) || 60;
    };
    const style = getComputedStyle(stage);
    const grid = falExp.compareFit.bestGrid(shown.map((pane) => pane.ratio), {
      widthPx: stage.clientWidth - parseFloat(style.paddingLeft) * 2,
      heightPx: stage.clientHeight - parseFloat(style.paddingTop) * 2, gapPx: GAP_PX, wordsPx,
    });
    stage.style.setProperty('--columns', String(grid.columns));
    stage.classList.toggle('scrolls', grid.rowPx !== null);
    stage.style.setProperty('--row', grid.rowPx ? `${grid.rowPx}px` : 'minmax(0, 1fr)');
  }

  function setSide(showsSecond) {
    side.showsSecond = showsSecond;
    drawSide();
  }

  function drawSide() {
    byId('compare-stage').classList.toggle('shows-second', side.showsSecond);
    const flip = byId('compare-flip');
    falExp.comparePane.write(flip, `Showing ${side.showsSecond ? 'B' : 'A'}`);
    const flickers = side.since !== null;
    byId('compare-flicker').setAttribute('aria-pressed', String(flickers));
  }

  /** Change sides by itself, as often as chosen. Who wants less motion flips by hand. */
  function flicker(on) {
    if (on && calm.matches) {
      falExp.compare.say('Flicker is off: this device asks for less motion. F changes sides.');
      return;
    }
    side.since = on ? performance.now() : null;
    drawSide();
    if (on) requestAnimationFrame(flickerOn);
  }

  function flickerOn(nowMs) {
    if (side.since === null || !state || state.picture !== 'swap') return;
    if (calm.matches) {
      flicker(false);
      return;
    }
    const showsSecond = Math.floor(((nowMs - side.since) / 1000) * state.hz) % 2 === 1;
    if (showsSecond !== side.showsSecond) setSide(showsSecond);
    requestAnimationFrame(flickerOn);
  }

  /** No panes are left to lay. */
  function forget() {
    flicker(false);
    side.showsSecond = false;
    state = null;
    panes = new Map();
  }

  function start() {
    observer = new ResizeObserver(fitLater);
    observer.observe(byId('compare-stage'));
  }

  falExp.compareView = {
    start, lay, paint, forget, fit, active, setSide, flicker, SAFE_HZ,
    showsSecond: () => side.showsSecond, isFlickering: () => side.since !== null,
  };
})((globalThis.falExp = globalThis.falExp || {}));
