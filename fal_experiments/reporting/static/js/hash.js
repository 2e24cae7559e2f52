/* The view in the address: what is filtered, how large tiles are, which cell is open. */
(function (falExp) {
  'use strict';

  /**
   * @typedef {object} View
   * @property {string} query          words that a cell must contain
   * @property {Set<string>} states    hidden states
   * @property {Set<string>} presets   hidden columns, by key
   * @property {Set<string>} prompts   hidden prompts, by id
   * @property {number|null} tilePx    width of a tile; null fits the columns to the page
   * @property {string|null} cell      key of the open cell
   */

  const MIN_TILE_PX = 120;
  const MAX_TILE_PX = 720;
  const FACETS = { states: 'hide-state', presets: 'hide-preset', prompts: 'hide-prompt' };

  /** @returns {View} */
  function emptyView() {
    return {
      query: '', states: new Set(), presets: new Set(), prompts: new Set(), tilePx: null, cell: null,
    };
  }

  /**
   * @param {string} hash  with or without its #
   * @returns {View}
   */
  function read(hash) {
    const parameters = new URLSearchParams(hash.replace(/^#/, ''));
    const view = emptyView();
    view.query = parameters.get('q') || '';
    view.cell = parameters.get('cell') || null;
    for (const [facet, name] of Object.entries(FACETS)) view[facet] = new Set(parameters.getAll(name));
    const tilePx = Math.round(Number(parameters.get('tile')));
    if (tilePx) view.tilePx = Math.min(MAX_TILE_PX, Math.max(MIN_TILE_PX, tilePx));
    return view;
  }

  /**
   * @param {View} view
   * @returns {string}  starts with # unless nothing differs from the page as it opens
   */
  function write(view) {
    const parameters = new URLSearchParams();
    if (view.query) parameters.set('q', view.query);
    for (const [facet, name] of Object.entries(FACETS)) {
      for (const value of [...view[facet]].sort()) parameters.append(name, value);
    }
    if (view.tilePx) parameters.set('tile', String(view.tilePx));
    if (view.cell) parameters.set('cell', view.cell);
    const text = parameters.toString();
    return text && `#${text}`;
  }

  falExp.hash = { read, write, emptyView, MIN_TILE_PX, MAX_TILE_PX };
})((globalThis.falExp = globalThis.falExp || {}));
