/* Which cells the filters let through. */
(function (falExp) {
  'use strict';

  /** Bring text to one form, so that full-width and composed letters are found too. */
  function fold(text) {
    return text.normalize('NFKC').toLowerCase();
  }

  /** @returns {string} everything that a person may type to find a cell */
  function searchText(batch, cell) {
    const row = batch.rows[cell.row];
    const prompt = batch.prompts[row.prompt];
    const column = batch.columns[cell.column];
    return fold([
      prompt.id, prompt.text, prompt.task, row.input || '', row.seed_label,
      column.title, column.preset, column.endpoint, column.variant,
      cell.run_label, cell.state_label, cell.reason || '', cell.breach || '', cell.key,
      ...(cell.deviations || []),
    ].join('\n'));
  }

  /** @returns {string[]} the words of a query, each of which must occur */
  function words(query) {
    return fold(query).split(/\s+/).filter(Boolean);
  }

  /**
   * @param {object} batch  columns, rows, prompts
   * @param {object} cell
   * @param {View} view
   * @param {string[]} [wanted]  words(view.query), where many cells are asked about
   */
  function matches(batch, cell, view, wanted = words(view.query)) {
    if (view.states.has(cell.state)) return false;
    if (view.presets.has(batch.columns[cell.column].key)) return false;
    if (view.prompts.has(batch.prompts[batch.rows[cell.row].prompt].id)) return false;
    if (wanted.length === 0) return true;
    cell.searchText = cell.searchText || searchText(batch, cell);
    return wanted.every((word) => cell.searchText.includes(word));
  }

  /** @returns {boolean} whether any filter is set */
  function isActive(view) {
    return view.query.trim() !== '' || view.states.size + view.presets.size + view.prompts.size > 0;
  }

  falExp.filter = { matches, words, isActive };
})((globalThis.falExp = globalThis.falExp || {}));
