/* The order of columns and rows, changed by menu, keys or dragging a head. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  /** A press that moves less is a click. */
  const DRAG_FROM_PX = 6;

  /** @returns {object[]} the lines of one kind that stand together with the one of this key */
  function together(kind, key) {
    for (const { section } of falExp.grid.sections()) {
      const lines = kind === 'column' ? section.columns.slice(section.columnPinned ? 1 : 0)
        : section.groups.flatMap((group) => group.rows);
      if (lines.some((line) => line.key === key)) return lines;
    }
    return [];
  }

  /** @returns {object|null} the orders of the view with a line in the place of another; null: no way */
  function ordersFor(kind, fromKey, toKey) {
    const lines = together(kind, fromKey);
    const [from, to] = [fromKey, toKey].map((key) => lines.find((line) => line.key === key));
    return from && to ? falExp.axes.swapped(falExp.data.batch, falExp.view.get(), from.at, to.at) : null;
  }

  function neighbour(kind, key, step) {
    const lines = together(kind, key);
    return lines[lines.findIndex((line) => line.key === key) + step]?.key;
  }

  /** @returns {boolean} whether a line can go one place further */
  function can(kind, key, step) {
    return ordersFor(kind, key, neighbour(kind, key, step)) !== null;
  }

  /** Move a line one place: back for -1, on for 1. */
  function by(kind, key, step) {
    to(kind, key, neighbour(kind, key, step));
  }

  /** Move a line to the place of another. */
  function to(kind, fromKey, toKey) {
    const orders = ordersFor(kind, fromKey, toKey);
    if (orders) falExp.view.set({ orders });
  }

  /* A head is dragged with the mouse; touch scrolls, and has the menu. */
  function onDown(event) {
    const head = event.target.closest('.column');
    if (!head || event.button !== 0 || event.pointerType !== 'mouse' || event.target.closest('button')) return;
    const fromX = event.clientX;
    let over = null;
    const onMove = (move) => {
      if (Math.abs(move.clientX - fromX) < DRAG_FROM_PX) return;
      head.classList.add('dragged');
      over?.classList.remove('drop');
      over = document.elementFromPoint(move.clientX, move.clientY)?.closest('.column') || null;
      if (over === head) over = null;
      over?.classList.add('drop');
    };
    const onUp = (up) => {
      removeEventListener('pointermove', onMove);
      removeEventListener('pointerup', onUp);
      removeEventListener('pointercancel', onUp);
      head.classList.remove('dragged');
      over?.classList.remove('drop');
      if (over && up.type === 'pointerup') to('column', head.dataset.key, over.dataset.key);
    };
    event.preventDefault();
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', onUp);
    addEventListener('pointercancel', onUp);
  }

  /** Move the column or the row of a cell with the key that was pressed. */
  function onKey(index, event) {
    const kind = /Left|Right/.test(event.key) ? 'column' : 'row';
    const step = /Left|Up/.test(event.key) ? -1 : 1;
    const found = falExp.layout.find(falExp.grid.state.plan, index);
    by(kind, kind === 'column' ? found.section.columns[found.column].key : found.row.key, step);
    falExp.grid.activate(index, { focus: true });
  }

  function start() {
    byId('grid').addEventListener('pointerdown', onDown);
    falExp.keys.register({
      key: ['Alt+ArrowLeft', 'Alt+ArrowRight', 'Alt+ArrowUp', 'Alt+ArrowDown'], needs: 'tile', group: 'Grid',
      label: 'Move the column or the row', run: onKey,
    });
  }

  falExp.shift = { can, by, to, start };
})((globalThis.falExp = globalThis.falExp || {}));
