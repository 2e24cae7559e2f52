/* Tables that sort: a head becomes a button, its rows go up or down by it; what is missing is last. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const DIRECTIONS = { ascending: 1, descending: -1 };

  /**
   * Return the places of values in their order; equal ones stay as they were, missing ones are last.
   * @param {Array<number|string|null>} values
   * @param {'ascending'|'descending'} direction
   * @returns {number[]}
   */
  function order(values, direction) {
    const sign = DIRECTIONS[direction];
    return [...values.keys()].sort((a, b) => {
      if (values[a] === null || values[b] === null) return (values[a] === null) - (values[b] === null) || a - b;
      return sign * compare(values[a], values[b]) || a - b;
    });
  }

  function compare(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
  }

  function valueOf(cell) {
    const text = cell.textContent.trim();
    if (cell.dataset.n !== undefined) return Number(cell.dataset.n);
    return text === '' || text.startsWith('–') ? null : text;
  }

  function sortBy(table, head) {
    const index = [...head.parentElement.children].indexOf(head);
    const direction = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
    const body = table.tBodies[0];
    const rows = [...body.rows];
    for (const each of table.querySelectorAll('th[aria-sort]')) each.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', direction);
    body.append(...order(rows.map((row) => valueOf(row.cells[index])), direction).map((i) => rows[i]));
  }

  /** Make every sorting table of the page sort. */
  function start() {
    for (const head of document.querySelectorAll('table.sorts th[data-sorts]')) {
      const button = el('button', { type: 'button', class: 'sort' }, ...head.childNodes);
      button.addEventListener('click', () => sortBy(head.closest('table'), head));
      head.append(button);
    }
  }

  falExp.sort = { order, start };
})((globalThis.falExp = globalThis.falExp || {}));
