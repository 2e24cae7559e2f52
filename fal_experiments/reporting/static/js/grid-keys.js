/* The keys of the grid: moving, looking, playing. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const MOVES = {
    ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down',
    h: 'left', l: 'right', k: 'up', j: 'down', Home: 'home', End: 'end',
  };

  function move(index, event) {
    const direction = event.ctrlKey || event.metaKey
      ? { Home: 'first', End: 'last' }[event.key] : MOVES[event.key];
    falExp.grid.activate(falExp.layout.move(falExp.grid.state.plan, index, direction), { focus: true });
  }

  function turn(index, event) {
    falExp.fold.turn(index, event.key === 'ArrowLeft' ? -1 : 1);
  }

  function pin(index) {
    falExp.pins.toggle('cell', falExp.data.cells[index].key);
    falExp.grid.activate(index, { focus: document.activeElement === document.body });
  }

  /* h j k l begin at the active cell where no tile has the focus yet. */
  function enter() {
    falExp.grid.activate(falExp.grid.state.active, { focus: true });
  }

  function start() {
    const { register } = falExp.keys;
    const grid = { group: 'Grid', needs: 'tile' };
    register({ ...grid, key: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], label: 'Move', run: move });
    register({ ...grid, key: ['h', 'j', 'k', 'l'], label: 'Move left, down, up, right', run: move });
    register({ key: ['h', 'j', 'k', 'l'], run: enter });
    register({ ...grid, key: ['Home', 'End'], label: 'Ends of the row', run: move });
    register({ ...grid, key: ['Ctrl+Home', 'Ctrl+End'], label: 'First and last cell', run: move });
    register({ ...grid, key: 'Space', label: 'Play or pause the clip', run: falExp.hover.toggle });
    register({ ...grid, key: 'Enter', label: 'Open the details', run: falExp.drawer.open });
    register({ ...grid, key: ['Shift+ArrowLeft', 'Shift+ArrowRight'], label: 'Turn to the other cells in the place', run: turn });
    register({ ...grid, needs: 'cell', key: 'b', label: 'Pin as baseline, or unpin', run: pin });
    const playing = { group: 'Playing' };
    register({ ...playing, key: 'p', label: 'Play or pause all in sync', run: falExp.sync.toggle });
    register({ ...playing, key: 'r', label: 'Start again together', run: () => falExp.sync.isOn() && falExp.sync.restart() });
    register({ ...playing, key: 's', label: 'Stop and show posters', run: falExp.sync.stop });
    register({ ...playing, key: 'Escape', when: falExp.sync.isOn, run: falExp.sync.stop });
    register({ ...playing, key: 'm', label: 'Sound of the clip you point at', run: () => byId('sound').click() });
    register({ key: '/', label: 'Filter by words', group: 'Page', run: () => byId('query').focus() });
  }

  falExp.gridKeys = { start };
})((globalThis.falExp = globalThis.falExp || {}));
