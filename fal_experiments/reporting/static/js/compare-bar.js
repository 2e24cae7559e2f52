/* The bar of a comparison: timeline, playing, stepping, speed, the part that repeats, measured drift. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const { write } = falExp.comparePane;
  const play = falExp.comparePlay;
  const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4];
  /** Words change this often while clips play: each change costs what the clips need. */
  const WORDS_EVERY_MS = 200;
  let wordsMs = 0;
  let state = null;

  const label = (seconds) => falExp.geometry.timeLabel(seconds);

  /** Show what the state says. */
  function draw(next) {
    state = next;
    const speeds = [...new Set([...SPEEDS, state.speed])].sort((a, b) => a - b);
    byId('compare-speed').replaceChildren(...speeds.map((speed) => el('option', { value: String(speed) }, `${speed}×`)));
    byId('compare-speed').value = String(state.speed);
    for (const name of ['repeat', 'sync', 'end']) byId(`compare-${name}`).value = state[name];
    byId('compare-end-label').hidden = state.sync === 'percent';
    for (const [id, name] of [['compare-a', 'fromS'], ['compare-b', 'toS']]) {
      byId(id).setAttribute('aria-pressed', String(state[name] !== null));
      byId(id).textContent = (name === 'fromS' ? 'A' : 'B') + (state[name] === null ? '' : ` ${label(state[name])}`);
    }
    byId('compare-whole').hidden = state.fromS === null && state.toS === null;
    const films = play.panes().some((pane) => pane.cell.proxy_href);
    byId('compare-light').hidden = !films && !state.light;
    byId('compare-light').setAttribute('aria-pressed', String(state.light));
    byId('compare-own').setAttribute('aria-pressed', String(state.own));
    drawMarks();
    tick();
  }

  /** Where A and B stand, where clips end, and what of all of them is loaded. */
  function drawMarks() {
    const lengthS = play.lengthS();
    byId('timeline-range').max = String(Math.max(0.001, lengthS));
    if (lengthS <= 0 || !state) return;
    const mark = (kind, fromS, toS, title) => {
      const node = el('span', { class: `mark-${kind}`, title });
      node.style.left = `${(100 * fromS) / lengthS}%`;
      if (toS !== null) node.style.width = `${(100 * Math.max(0, toS - fromS)) / lengthS}%`;
      return node;
    };
    const { fromS, toS, isPart } = play.range();
    byId('timeline-marks').replaceChildren(
      ...loaded(lengthS).map(([from, to]) => mark('loaded', from, to, 'loaded')),
      ...(isPart ? [mark('part', fromS, toS, 'repeats')] : []),
      ...ends(lengthS).map((at) => mark('end', at, null, 'a clip ends here')),
    );
  }

  /* Only on one clock does the time of a clip stand at one place of the timeline. */
  const onOneClock = () => state.sync === 'absolute' || state.sync === 'offset';

  function ends(lengthS) {
    if (!onOneClock()) return [];
    const shifts = (pane) => (state.sync === 'offset' ? pane.strip.offsetS : 0);
    const all = play.panes().filter((pane) => pane.hasClip).map((pane) => pane.strip.durationS - shifts(pane));
    return [...new Set(all.filter((at) => at > 0 && at < lengthS - 0.05))];
  }

  function loaded(lengthS) {
    const clips = play.panes().filter((pane) => pane.hasClip && pane.strip.durationS > 0);
    const upTo = clips.map(({ clip: { video }, strip }) => {
      const { buffered } = video;
      return buffered.length > 0 ? buffered.end(buffered.length - 1) / strip.durationS : 0;
    });
    return upTo.length > 0 ? [[0, Math.min(...upTo) * lengthS]] : [];
  }

  function tick() {
    if (!state) return;
    const nowMs = performance.now();
    const isPlaying = play.mode() === 'playing';
    if (isPlaying && nowMs - wordsMs < WORDS_EVERY_MS) return;
    wordsMs = nowMs;
    const range = byId('timeline-range');
    const timeS = play.timeS();
    if (document.activeElement !== range || isPlaying) range.value = String(timeS);
    write(byId('compare-time'), `${label(timeS)} / ${label(play.lengthS())}`);
    range.setAttribute('aria-valuetext', `${label(timeS)} of ${label(play.lengthS())}`);
    for (const pane of play.panes()) pane.tell(play.placeOf(pane, timeS), isPlaying);
    falExp.compareSound.tick();
    drawDrift(isPlaying);
  }

  function drawDrift(isPlaying) {
    const { worstS, pace } = play.drift();
    const words = [];
    if (play.isBack()) words.push(play.panes().every((pane) => !pane.hasClip || pane.canGoBackSmoothly)
      ? 'backwards by seeking' : 'backwards by seeking: clips without a scrub film may stutter');
    else if (isPlaying) words.push(worstS === null ? 'measuring …' : `worst drift ${Math.round(worstS * 1000)} ms`);
    else if (play.ownSteps() !== 0) words.push(`${play.ownSteps() > 0 ? '+' : '−'}${Math.abs(play.ownSteps())} own frames`);
    if (isPlaying && pace < 0.9) words.push(`slowed to ${(state.speed * pace).toFixed(2)}× for this machine`);
    const out = byId('compare-drift');
    write(out, words.join(' · '));
    out.dataset.worstMs = worstS === null ? '' : String(Math.round(worstS * 1000));
  }

  function drawMode(mode) {
    const button = byId('compare-play');
    button.firstElementChild.replaceWith(icon(mode === 'playing' ? 'pause' : 'play'));
    button.setAttribute('aria-label', mode === 'playing' ? 'Pause' : 'Play');
    byId('compare').dataset.mode = mode;
    if (mode === 'paused' && state) falExp.compare.change({ timeS: Math.round(play.timeS() * 1e6) / 1e6 });
  }

  function step(direction, event) {
    play.step(direction * (event.shiftKey ? 10 : 1), { own: state.own !== event.altKey });
  }

  /** Go to a time; where the clips stand, the address says so. */
  function goTo(timeS) {
    play.seek(timeS);
    if (play.mode() === 'paused') drawMode('paused');
  }

  /** Repeat from, or up to, where the clock stands; once more on the same takes it back. */
  function markPart(name) {
    falExp.compare.change({ [name]: state[name] === null ? Math.round(play.timeS() * 1000) / 1000 : null });
  }

  function start() {
    const on = (id, type, act) => byId(id).addEventListener(type, act);
    const { change } = falExp.compare;
    on('compare-play', 'click', play.toggle);
    on('compare-back', 'click', (event) => step(-1, event));
    on('compare-on', 'click', (event) => step(1, event));
    on('compare-own', 'click', () => change({ own: !state.own }));
    on('compare-light', 'click', () => change({ light: !state.light }));
    on('compare-a', 'click', () => markPart('fromS'));
    on('compare-b', 'click', () => markPart('toS'));
    on('compare-whole', 'click', () => change({ fromS: null, toS: null }));
    on('compare-speed', 'change', ({ target }) => change({ speed: Number(target.value) }));
    for (const name of ['repeat', 'sync', 'end']) on(`compare-${name}`, 'change', ({ target }) => change({ [name]: target.value }));
    const range = byId('timeline-range');
    range.addEventListener('input', () => play.scrub(Number(range.value)));
    range.addEventListener('change', play.endScrub);
    play.on('tick', tick);
    play.on('mode', drawMode);
  }

  falExp.compareBar = { start, draw, tick, drawMarks, step, goTo, markPart, SPEEDS };
})((globalThis.falExp = globalThis.falExp || {}));
