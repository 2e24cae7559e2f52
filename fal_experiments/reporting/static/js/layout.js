/* From cells to a page: sections by task, groups by prompt, rows; and how arrows move in it. */
(function (falExp) {
  'use strict';

  const NO_CELL = -1;
  const FILTERED = -2;

  /**
   * @typedef {object} Row
   * @property {number} row      index in batch.rows
   * @property {number[]} cells  by column of the section: index of a cell, NO_CELL or FILTERED
   */

  /**
   * Arrange the cells that pass the filters. Rows and columns without any of them are left out.
   * @returns {{sections: {task: string, columns: number[],
   *   groups: {prompt: number, rows: Row[]}[]}[], shown: number}}
   */
  function arrange(batch, cells, view) {
    const places = new Map();
    const wanted = falExp.filter.words(view.query);
    let shown = 0;
    cells.forEach((cell, index) => {
      const passes = falExp.filter.matches(batch, cell, view, wanted);
      shown += passes ? 1 : 0;
      places.set(`${cell.row}/${cell.column}`, passes ? index : FILTERED);
    });
    const at = (row, column) => places.get(`${row}/${column}`) ?? NO_CELL;
    const sections = tasks(batch).map((task) => section(batch, task, at));
    return { sections: sections.filter((each) => each.groups.length > 0), shown };
  }

  function tasks(batch) {
    return [...new Set(batch.prompts.map((prompt) => prompt.task))];
  }

  function section(batch, task, at) {
    const rows = [];
    batch.rows.forEach((row, index) => {
      if (batch.prompts[row.prompt].task === task) rows.push(index);
    });
    const columns = batch.columns.map((_, column) => column)
      .filter((column) => rows.some((row) => at(row, column) >= 0));
    const groups = new Map();
    for (const row of rows) {
      const cells = columns.map((column) => at(row, column));
      if (!cells.some((cell) => cell >= 0)) continue;
      const prompt = batch.rows[row].prompt;
      if (!groups.has(prompt)) groups.set(prompt, { prompt, rows: [] });
      groups.get(prompt).rows.push({ row, cells });
    }
    return { task, columns, groups: [...groups.values()] };
  }

  /** @returns {number[]} the shown cells in reading order */
  function order(plan) {
    return lines(plan).flatMap((line) => line.cells.filter((cell) => cell >= 0));
  }

  function lines(plan) {
    return plan.sections.flatMap((each) => each.groups.flatMap((group) => (
      group.rows.map((row) => ({ cells: row.cells, columns: each.columns }))
    )));
  }

  /**
   * Return the cell that a key leads to from cell `from`, or `from` itself at an edge.
   * @param {'left'|'right'|'up'|'down'|'home'|'end'|'first'|'last'} direction
   */
  function move(plan, from, direction) {
    const all = lines(plan);
    const lineIndex = all.findIndex((line) => line.cells.includes(from));
    if (lineIndex < 0) return order(plan)[0] ?? from;
    const line = all[lineIndex];
    const present = line.cells.filter((cell) => cell >= 0);
    const place = present.indexOf(from);
    switch (direction) {
      case 'left': return present[place - 1] ?? from;
      case 'right': return present[place + 1] ?? from;
      case 'home': return present[0];
      case 'end': return present[present.length - 1];
      case 'first': return order(plan)[0];
      case 'last': return order(plan).at(-1);
      default: {
        const next = all[lineIndex + (direction === 'down' ? 1 : -1)];
        return next ? nearest(next, line.columns[line.cells.indexOf(from)]) : from;
      }
    }
  }

  /** Return the cell of a line that stands in a column, or the nearest one to it. */
  function nearest(line, column) {
    let best = null;
    line.cells.forEach((cell, position) => {
      const distance = Math.abs(line.columns[position] - column);
      if (cell >= 0 && (best === null || distance < best.distance)) best = { cell, distance };
    });
    return best.cell;
  }

  falExp.layout = { arrange, order, move, NO_CELL, FILTERED };
})((globalThis.falExp = globalThis.falExp || {}));
