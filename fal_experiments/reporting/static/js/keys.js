/* The keyboard: arrows and Space in the grid, single letters for the page, `?` for the list. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const MOVES = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
  let letters = falExp.memory.read('letters') !== 'off';

  function onGridKey(event) {
    const tile = event.target.closest('.tile');
    if (!tile || event.target !== tile || event.altKey || event.metaKey) return;
    const index = Number(tile.dataset.index);
    const direction = MOVES[event.key] || edge(event);
    if (direction) {
      falExp.grid.activate(falExp.layout.move(falExp.grid.state.plan, index, direction), { focus: true });
    } else if (event.key === 'Enter') falExp.drawer.open(index);
    else if (event.key === ' ') falExp.hover.toggle(index);
    else if (event.key === 'Escape' && falExp.sync.isOn()) falExp.sync.stop();
    else return;
    event.preventDefault();
  }

  function edge(event) {
    if (event.key === 'Home') return event.ctrlKey ? 'first' : 'home';
    if (event.key === 'End') return event.ctrlKey ? 'last' : 'end';
    return null;
  }

  function onPageKey(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || !letters) return;
    if (event.target.closest('input, textarea, select, video, dialog')) return;
    const actions = {
      '?': () => byId('keys').showModal(),
      '/': () => byId('query').focus(),
      p: falExp.sync.toggle,
      r: () => falExp.sync.isOn() && falExp.sync.restart(),
      s: falExp.sync.stop,
      m: () => byId('sound').click(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  function start() {
    byId('grid').addEventListener('keydown', onGridKey);
    document.addEventListener('keydown', onPageKey);
    byId('help').addEventListener('click', () => byId('keys').showModal());
    byId('keys').addEventListener('click', (event) => event.target === byId('keys') && byId('keys').close());
    byId('keys-close').addEventListener('click', () => byId('keys').close());
    byId('letters').checked = letters;
    byId('letters').addEventListener('change', (event) => {
      letters = event.target.checked;
      falExp.memory.write('letters', letters ? 'on' : 'off');
    });
  }

  falExp.keys = { start };
})((globalThis.falExp = globalThis.falExp || {}));
