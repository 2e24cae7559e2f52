/* What the page filters by → the exact `fal-exp export` command that writes the same cells. */
(function (falExp) {
  'use strict';

  /** A command names single cells only up to here: a line of 10,000 ids fits no terminal. */
  const MOST_NAMED = 200;

  const { number } = falExp.shell;

  /**
   * @typedef {object} Table
   * @property {string} batch
   * @property {string} file  ends in .csv or .parquet
   * @property {object} view  what is filtered by: states, hidden, ranges; see filter.js
   * @property {boolean} [named]  the cells are chosen in a way that no condition says
   * @property {string[]} [cells]  ids, for a choice that has to be named
   */

  /** @returns {string} why there is no such command; empty when there is one */
  function problem({ named, cells = [] }) {
    if (!named) return '';
    if (cells.length === 0) return 'None of these was bought, so there is nothing to name.';
    return cells.length > MOST_NAMED
      ? `A command cannot filter by words, and would have to name ${cells.length} cells: use numbers, states and hidden values instead, or select at most ${MOST_NAMED} cells.` : '';
  }

  /**
   * @param {Table} table
   * @returns {string} the command; see `problem`
   */
  function text(table) {
    const chosen = table.named ? table.cells.flatMap((cell) => ['--cell', cell]) : conditions(table.view)
      .flatMap((condition) => ['--where', condition]);
    return falExp.shell.command(['fal-exp', 'export', ...chosen, '-o', table.file], [table.batch]);
  }

  function conditions({ states, hidden, ranges }) {
    return [
      ...[...states].sort().map((state) => `state!=${state}`),
      ...[...hidden].sort().map((name) => name.replace('=', '!=')),
      ...Object.keys(ranges).sort().flatMap((key) => rangeConditions(key, ranges[key])),
    ];
  }

  function rangeConditions(key, { min, max, unknown }) {
    const or = unknown ? '?' : '';
    const ends = [['>=', min], ['<=', max]].filter(([, end]) => end !== null && end !== undefined);
    if (ends.length === 0) return unknown ? [] : [`${key}!=`];
    return ends.map(([test, end]) => `${key}${test}${number(end)}${or}`);
  }

  falExp.exportCommand = { MOST_NAMED, problem, text };
})((globalThis.falExp = globalThis.falExp || {}));
