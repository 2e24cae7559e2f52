/* The page on which cells are compared: opened and closed by the address, drawn from one state. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const states = falExp.compareState;
  const play = falExp.comparePlay;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const SETTINGS = ['sync', 'end', 'speed', 'repeat', 'fromS', 'toS', 'light'];
  const LAYOUT = ['cells', 'picture', 'first', 'second', 'solo', 'sync', 'offsets'];
  /** @type {Map<string, Pane>} */
  const panes = new Map();
  const actions = [...falExp.compareActions.all];
  let state = null;

  falExp.hash.register('compare', { empty: null, read: states.read, write: states.write });

  /** Add a button: `run` gets the state of the comparison, or `panel` builds what opens below it. */
  function registerAction(action) {
    actions.push(action);
  }

  /** Compare these cells; the browser's Back leads out again. */
  function open(keys) {
    falExp.view.set({ compare: states.of(keys) }, { push: true });
  }

  function close() {
    falExp.view.set({ compare: null });
  }

  function change(patch) {
    if (state) falExp.view.set({ compare: states.fitted({ ...state, ...patch }) });
  }

  function remove(key) {
    const next = states.without(state, key);
    if (next.cells.length === 0) close();
    else falExp.view.set({ compare: next });
    falExp.selection.set(next.cells);
  }

  function offset(place, offsetS) {
    const offsets = [...state.offsets];
    offsets[place] = Math.round(states.bounded(offsetS, -states.MOST_OFFSET_S, states.MOST_OFFSET_S) * 1e6) / 1e6;
    change({ offsets });
  }

  function say(text) {
    falExp.comparePane.write(byId('compare-said'), text);
  }

  /** Draw what the view says; null closes. */
  function draw(next) {
    if (!next) {
      if (byId('compare').open) byId('compare').close();
      return;
    }
    const known = next.cells.filter((key) => falExp.data.indexOf.has(key));
    if (known.length === 0) {
      falExp.notice.set('None of the cells to compare is in this report.');
      return;
    }
    const unknown = next.cells.length - known.length;
    let shown = next;
    for (const key of next.cells) if (!known.includes(key)) shown = states.without(shown, key);
    const before = state;
    state = shown;
    if (!before) begin();
    if (unknown > 0) say(`${unknown} of the cells are not in this report.`);
    show(before);
  }

  function begin() {
    falExp.hover.forget();
    if (falExp.sync.isOn()) falExp.sync.stop();
    falExp.players.releaseAll();
    falExp.selection.set(state.cells);
    say('');
    byId('compare').showModal();
    byId('compare-title').focus();
    buildActions();
  }

  const same = (before, ...names) => before !== null && names.every((name) => falExp.hash.same(before[name], state[name]));

  function show(before) {
    if (!same(before, 'cells')) buildPanes();
    state.cells.forEach((key, place) => {
      const pane = panes.get(key);
      pane.strip.offsetS = state.offsets[place];
      const { noPhase } = pane;
      pane.noPhase = state.sync === 'phase' && pane.hasClip && !falExp.kernel.hasPhase(pane.strip);
      if (noPhase !== pane.noPhase) pane.tellFacts();
    });
    if (!same(before, ...LAYOUT)) falExp.compareView.lay(state, panes);
    falExp.compareView.paint(state);
    falExp.compareZoom.draw(state);
    if (!same(before, 'cells', 'solo')) falExp.compareSound.draw(state, panes);
    falExp.compareTwo.draw(state, panes, { anew: !same(before, ...LAYOUT) });
    if (!same(before, 'cells', 'picture', 'first', 'second', 'offsets', ...SETTINGS, ...(state.light ? ['solo'] : []))) setPlay();
    if (!same(before, 'own', 'offsets', ...LAYOUT, ...SETTINGS)) falExp.compareBar.draw(state);
    if (!before) first();
    else if (!same(before, 'timeS') && Math.abs(state.timeS - play.timeS()) > 0.002) play.seek(state.timeS);
  }

  function setPlay() {
    play.set(falExp.compareView.active(), Object.fromEntries(SETTINGS.map((name) => [name, state[name]])));
  }

  /* Who asked for less motion, and who came to one moment, sees it stand. */
  function first() {
    play.seek(state.timeS);
    if (!calm.matches && state.timeS === 0) play.play();
  }

  function buildPanes() {
    for (const [key, pane] of panes) {
      if (state.cells.includes(key)) continue;
      pane.free();
      panes.delete(key);
    }
    for (const key of state.cells) {
      if (panes.has(key)) continue;
      panes.set(key, new falExp.comparePane.Pane(falExp.data.indexOf.get(key), { onLength, onTrouble, onSettled: falExp.compareBar.tick }));
    }
    const stage = byId('compare-stage');
    state.cells.forEach((key) => stage.insertBefore(panes.get(key).node, byId('compare-gain-veil')));
    byId('compare-title').textContent = `Compare ${falExp.tile.countOf(state.cells.length, 'clip')}`;
  }

  /* A link may lead to a moment that is only known to exist once the clips have told their length. */
  function onLength() {
    if (!state) return;
    play.measure();
    falExp.compareView.fit();
    falExp.compareBar.drawMarks();
    if (play.mode() === 'paused') play.seek(state.timeS);
  }

  function onTrouble() {
    if (!state) return;
    falExp.compareView.lay(state, panes);
    falExp.compareSound.draw(state, panes);
    setPlay();
  }

  /** Ask anew what other scripts have to say of a cell; null: of all. */
  function refreshPane(key) {
    for (const pane of key === null ? panes.values() : [panes.get(key)]) pane?.decorate();
  }

  function buildActions() {
    byId('compare-actions').replaceChildren(...actions.filter((action) => !action.when || action.when(state)).map((action) => {
      const button = el('button', { class: 'quiet text', type: 'button', title: action.title }, action.icon && icon(action.icon), action.label);
      if (action.panel) falExp.panel.attach(button, action.title, action.panel);
      else button.addEventListener('click', () => action.run(state));
      return button;
    }));
  }

  function onClose() {
    play.stop();
    falExp.compareView.forget();
    falExp.compareSound.forget();
    for (const pane of panes.values()) pane.free();
    panes.clear();
    const last = state?.cells[0];
    state = null;
    if (falExp.view.get().compare !== null) close();
    if (last) falExp.grid.activate(falExp.data.indexOf.get(last), { focus: true });
  }

  function start() {
    const dialog = byId('compare');
    [falExp.compareView, falExp.compareZoom, falExp.compareSound, falExp.compareTwo, falExp.compareBar, falExp.compareKeys]
      .forEach((each) => each.start());
    dialog.addEventListener('close', (event) => event.target === dialog && onClose());
    byId('compare-close').addEventListener('click', () => dialog.close());
    document.addEventListener('visibilitychange', () => document.hidden && state && play.mode() === 'playing' && play.pause());
    falExp.view.onChange((view, changed) => {
      if (changed.has('compare')) draw(view.compare);
      if (changed.has('cell') && view.cell && state && play.mode() === 'playing') play.pause();
    });
  }

  falExp.compare = {
    start, open, close, change, remove, offset, say, registerAction,
    decoratePane: falExp.comparePane.decoratePane, state: () => state, isOpen: () => state !== null,
    paneOf: (key) => panes.get(key), refreshPane,
    videoOf: (key) => panes.get(key)?.driver?.video ?? null,
    activeKey: () => (document.querySelector('#compare .pane:focus-within') || document.querySelector('#compare .pane:hover'))?.dataset.key ?? null,
  };
})((globalThis.falExp = globalThis.falExp || {}));
