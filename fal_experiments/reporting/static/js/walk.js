/* Ways through an arranged page: reading order, and where a key leads from a cell. */
(function (falExp) {
  'use strict';

  /** @returns {Row[]} the rows of a section from top to bottom, a pinned one first */
  function rowsOf(section) {
    const rows = section.groups.flatMap((group) => group.rows);
    return section.pinnedRow ? [section.pinnedRow, ...rows] : rows;
  }

  /** @returns {number[]} the shown cells in reading order, those under others in a place too */
  function order(plan) {
    return plan.sections.flatMap((section) => rowsOf(section).flatMap((row) => (
      row.cells.flatMap((cell, column) => row.stacks.get(column) || (cell >= 0 ? [cell] : []))
    )));
  }

  /**
   * Return where a cell stands.
   * @returns {{section: Section, row: Row, column: number}|null}
   */
  function find(plan, cell) {
    for (const section of plan.sections) {
      for (const row of rowsOf(section)) {
        const column = columnOf(row, cell);
        if (column >= 0) return { section, row, column };
      }
    }
    return null;
  }

  function columnOf(row, cell) {
    const column = row.cells.indexOf(cell);
    if (column >= 0) return column;
    for (const [stacked, stack] of row.stacks) if (stack.includes(cell)) return stacked;
    return -1;
  }

  /**
   * Return the cell that a key leads to from cell `from`, or `from` itself at an edge.
   * @param {'left'|'right'|'up'|'down'|'home'|'end'|'first'|'last'} direction
   */
  function move(plan, from, direction) {
    const rows = plan.sections.flatMap(rowsOf);
    const at = rows.findIndex((row) => columnOf(row, from) >= 0);
    if (at < 0 || direction === 'first') return first(rows) ?? from;
    const column = columnOf(rows[at], from);
    const present = rows[at].cells.map((cell, each) => (cell >= 0 ? each : -1)).filter((each) => each >= 0);
    const place = present.indexOf(column);
    const cellAt = (each) => (each === undefined ? from : rows[at].cells[each]);
    switch (direction) {
      case 'left': return cellAt(present[place - 1]);
      case 'right': return cellAt(present[place + 1]);
      case 'home': return cellAt(present[0]);
      case 'end': return cellAt(present.at(-1));
      case 'last': return rows.at(-1).cells.findLast((cell) => cell >= 0);
      default: {
        const next = rows[at + (direction === 'down' ? 1 : -1)];
        return next ? nearest(next, column) : from;
      }
    }
  }

  function first(rows) {
    return rows[0]?.cells.find((cell) => cell >= 0);
  }

  /** Return the cell of a row that stands in a column, or the nearest one to it. */
  function nearest(row, column) {
    let best = null;
    row.cells.forEach((cell, each) => {
      const distance = Math.abs(each - column);
      if (cell >= 0 && (best === null || distance < best.distance)) best = { cell, distance };
    });
    return best.cell;
  }

  Object.assign(falExp.layout, { rowsOf, order, find, move });
})((globalThis.falExp = globalThis.falExp || {}));
