/* A line of the grid: a row with its label, or the heads; of its places only some are drawn. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;

  /** @returns {number} the column of a child of a line, from 0 */
  const columnOf = (child) => Number(child.style.getPropertyValue('--col'));
  const placesOf = (line) => [...line.children].slice(1);

  /**
   * Make the line of a row, with its label only.
   * @param {{index: number, height: number, isPinned: boolean, banded: boolean}} options
   *   height: of its boxes ÷ their width
   */
  function make(row, { index, height, isPinned, banded }) {
    const line = el('div', { class: `line row${isPinned ? ' pinned-row' : ''}`, role: 'row', 'aria-rowindex': index + 2 },
      falExp.heads.rowLabel(row, banded, isPinned));
    line.style.setProperty('--height', height.toFixed(4));
    return Object.assign(line, { falExpRow: row, falExpHeight: height });
  }

  /**
   * Draw the wanted columns of a line, take away the others, and keep what is drawn already.
   * @param {(column: number) => boolean} wants
   * @param {(column: number) => HTMLElement} draw
   */
  function sync(line, columns, wants, draw) {
    const there = new Map();
    for (const child of placesOf(line)) {
      const column = columnOf(child);
      if (wants(column)) there.set(column, child);
      else discard(child);
    }
    let before = line.firstElementChild;
    for (let column = 0; column < columns; column += 1) {
      if (!wants(column)) continue;
      const child = there.get(column) || draw(column);
      if (before.nextElementSibling !== child) before.after(child);
      before = child;
    }
  }

  /** Put another element in a column of a line, if something is drawn there. */
  function replace(line, column, element) {
    const old = placesOf(line).find((child) => columnOf(child) === column);
    if (!old) return;
    old.before(element);
    discard(old);
  }

  function empty(line) {
    placesOf(line).forEach(discard);
  }

  function discard(child) {
    if (child.dataset.index) {
      falExp.players.release(Number(child.dataset.index));
      falExp.sync.unwatch(child);
    }
    child.remove();
  }

  falExp.line = { make, sync, replace, empty };
})((globalThis.falExp = globalThis.falExp || {}));
