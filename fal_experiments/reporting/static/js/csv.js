/* Cells as a table of comma-separated values, as RFC 4180 has it and as spreadsheets read it. */
(function (falExp) {
  'use strict';

  /** A spreadsheet would run text that begins so as a formula. */
  const FORMULA = /^[=+\-@\t\r]/;

  /** @returns {string} a field; text that a spreadsheet would run gets an apostrophe, numbers stay numbers */
  function field(value) {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return String(value);
    const text = FORMULA.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  /** @returns {string} lines that end in CR LF */
  function write(rows) {
    return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
  }

  /**
   * Return a table of cells: where each stands, its state, its numbers, its files.
   * @param {object[]} cells
   * @returns {(string|number|null)[][]}  the first row names the columns
   */
  function table(cells) {
    const { batch, valueOf, number, promptOf, presetOf } = falExp.data;
    const head = ['cell', ...batch.axes.map(({ key }) => key), 'endpoint', 'prompt_text', 'state', 'reason',
      ...batch.metrics.map(({ key }) => key), 'deviations', 'not_strict', 'clip'];
    return [head, ...cells.map((cell) => [
      cell.key, ...batch.axes.map(({ key }) => valueOf(cell, key)?.key ?? null), presetOf(cell)?.endpoint, promptOf(cell).text,
      cell.state, cell.reason, ...batch.metrics.map(({ key }) => number(cell, key)),
      cell.deviations.join('; '), cell.breach, cell.video_href,
    ])];
  }

  falExp.csv = { field, write, table };
})((globalThis.falExp = globalThis.falExp || {}));
