/* The tray of marked cells at the foot of the page, and the mark on each tile. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const { selection } = falExp;
  let last = null;

  falExp.tile.decorate((cell) => {
    const box = el('input', { type: 'checkbox', class: 'mark', tabindex: -1, title: 'Mark to compare (C)', 'aria-label': `Compare ${falExp.data.nameOf(cell)}, ${cell.run_label}` });
    box.checked = selection.has(cell.key);
    return box;
  });

  function toggle(index) {
    const { key } = falExp.data.cells[index];
    last = index;
    if (!selection.toggle(key)) falExp.notice.set(`At most ${selection.MOST} cells can be compared at once.`);
  }

  const boxOf = (key) => {
    const index = falExp.data.indexOf.get(key);
    return index === undefined ? null : falExp.grid.tileOf(index)?.querySelector('.mark');
  };

  function draw(changed) {
    for (const key of changed) {
      const box = boxOf(key);
      if (box) box.checked = selection.has(key);
    }
    const keys = selection.keys();
    document.documentElement.classList.toggle('has-tray', keys.length > 0);
    byId('tray').hidden = keys.length === 0;
    if (keys.length === 0) return;
    byId('tray-cells').replaceChildren(...keys.map(chip));
    byId('tray-count').textContent = keys.length < 2 ? 'Mark one more to compare' : `Compare ${keys.length}`;
    byId('tray-open').disabled = keys.length < 2;
    drawQuick();
  }

  function chip(key) {
    const cell = falExp.data.cells[falExp.data.indexOf.get(key)];
    const name = `${falExp.data.nameOf(cell)}, ${cell.run_label}`;
    const button = el('button', { type: 'button', class: 'tray-cell', title: `${name} · ${falExp.data.promptOf(cell).id}\nTake out`, 'aria-label': `Take out ${name}` },
      cell.poster ? el('img', { src: cell.poster.href, alt: '', draggable: 'false' }) : el('span', { class: 'tray-none' }, falExp.tile.stateIcon(cell)),
      el('span', { class: 'tray-name', dir: 'auto' }, falExp.data.nameOf(cell)), icon('close'));
    button.addEventListener('click', () => selection.toggle(key));
    return el('li', {}, button);
  }

  /** Whole rows, columns, and all that is shown: as far as there is room for them. */
  function drawQuick() {
    const index = last ?? falExp.data.indexOf.get(selection.keys()[0]);
    const choices = [
      ['This row', rowOf(index)], ['This column', columnOf(index)],
      ['All shown', falExp.layout.order(falExp.grid.state.plan)],
    ];
    byId('tray-quick').replaceChildren(...choices
      .map(([label, cells]) => [label, cells.map((each) => falExp.data.cells[each].key)])
      .filter(([, keys]) => keys.length > 1 && keys.length <= selection.MOST && !keys.every(selection.has))
      .map(([label, keys]) => {
        const button = el('button', { type: 'button', class: 'quiet text' }, `${label} (${keys.length})`);
        button.addEventListener('click', () => selection.set([...selection.keys(), ...keys]));
        return button;
      }));
  }

  /** @returns {number[]} the cells of a row in one or all of its columns, those under others too */
  const cellsOf = (row, columns) => columns.flatMap((column) => row.stacks.get(column) || row.cells[column]).filter((cell) => cell >= 0);

  function rowOf(index) {
    const found = falExp.layout.find(falExp.grid.state.plan, index);
    return found ? cellsOf(found.row, [...found.row.cells.keys()]) : [];
  }

  function columnOf(index) {
    const found = falExp.layout.find(falExp.grid.state.plan, index);
    return found ? falExp.layout.rowsOf(found.section).flatMap((row) => cellsOf(row, [found.column])) : [];
  }

  function openMarked() {
    if (selection.keys().length < 2) falExp.notice.set('Mark two to sixteen cells with C, or with the box of their tiles; then compare.');
    else falExp.compare.open(selection.keys());
  }

  function start() {
    const grid = byId('grid');
    grid.addEventListener('click', (event) => {
      if (!event.target.matches('.mark')) return;
      event.stopPropagation();
      toggle(Number(event.target.closest('.tile').dataset.index));
      event.target.checked = selection.has(event.target.closest('.tile').dataset.key);
    }, { capture: true });
    byId('tray-clear').addEventListener('click', selection.clear);
    byId('tray-open').addEventListener('click', openMarked);
    selection.onChange(draw);
    falExp.view.onChange(() => selection.keys().length > 0 && drawQuick());
    falExp.keys.register({ key: 'c', label: 'Mark to compare', group: 'Compare', needs: 'cell', run: toggle });
    falExp.keys.register({ key: 'Shift+C', label: 'Compare what is marked', group: 'Compare', run: openMarked });
  }

  falExp.tray = { start };
})((globalThis.falExp = globalThis.falExp || {}));
