/* What a comparison is: which cells, laid how on time and on the screen; in the address and back. */
(function (falExp) {
  'use strict';

  const MOST = 16;
  const CHOICES = {
    picture: ['grid', 'wipe', 'swap', 'difference', 'onion'],
    sync: ['absolute', 'percent', 'offset', 'phase'],
    end: ['hold', 'loop', 'blank'],
    repeat: ['again', 'both', 'once'],
    line: ['vertical', 'horizontal'],
  };
  /** Name in the address, least, most, and what a comparison opens with (null: not set). */
  const NUMBERS = {
    timeS: ['t', 0, 36000, 0], speed: ['speed', 0.1, 4, 1],
    fromS: ['a', 0, 36000, null], toS: ['b', 0, 36000, null],
    zoom: ['zoom', 1, 16, 1], x: ['x', -15, 0, 0], y: ['y', -15, 0, 0],
    wipe: ['wipe', 0, 1, 0.5], opacity: ['opacity', 0, 1, 0.5], gain: ['gain', 1, 16, 1], hz: ['hz', 1, 10, 2],
    first: ['first', 0, MOST - 1, 0], second: ['second', 0, MOST - 1, 1], solo: ['sound', 0, MOST - 1, null],
  };
  const FLAGS = { pixelated: 'pixelated', own: 'own-frames', light: 'light' };
  const MOST_OFFSET_S = 60;

  /** @returns {object} a comparison of these cells as it opens */
  function of(keys) {
    const state = { cells: [...new Set(keys)].slice(0, MOST), offsets: [] };
    for (const [name, [first]] of Object.entries(CHOICES)) state[name] = first;
    for (const [name, [, , , start]] of Object.entries(NUMBERS)) state[name] = start;
    for (const name of Object.keys(FLAGS)) state[name] = false;
    return fitted(state);
  }

  /** @returns {object} the same with what must hold between its parts */
  function fitted(state) {
    const count = state.cells.length;
    const next = { ...state, offsets: state.cells.map((_, place) => state.offsets[place] || 0) };
    if (next.first >= count) next.first = 0;
    if (next.second >= count || next.second === next.first) next.second = next.first === 0 ? Math.min(1, count - 1) : 0;
    if (next.solo !== null && next.solo >= count) next.solo = null;
    if (count < 2 || CHOICES.picture.indexOf(next.picture) < 0) next.picture = 'grid';
    if (next.fromS !== null && next.toS !== null && next.toS <= next.fromS) next.toS = null;
    return next;
  }

  /** Take a cell out; what pointed at others still points at them. */
  function without(state, key) {
    const gone = state.cells.indexOf(key);
    if (gone < 0) return state;
    const keep = (_, place) => place !== gone;
    const moved = (place) => (place === null || place === gone ? null : place - (place > gone ? 1 : 0));
    return fitted({
      ...state, cells: state.cells.filter(keep), offsets: state.offsets.filter(keep),
      first: moved(state.first) ?? 0, second: moved(state.second) ?? state.cells.length, solo: moved(state.solo),
    });
  }

  /** Make a cell the first or the second of two; if it was the other one, they change places. */
  function pinned(state, slot, place) {
    const other = slot === 'first' ? 'second' : 'first';
    const next = { ...state, [slot]: place };
    if (state[other] === place) next[other] = state[slot];
    return fitted(next);
  }

  /** @param {URLSearchParams} parameters */
  function read(parameters) {
    const keys = (parameters.get('compare') || '').split('.').filter(Boolean);
    if (keys.length === 0) return null;
    const state = of(keys);
    for (const [name, choices] of Object.entries(CHOICES)) {
      const given = parameters.get(`c-${name}`);
      if (choices.includes(given)) state[name] = given;
    }
    for (const [name, [short, least, most]] of Object.entries(NUMBERS)) {
      const given = parameters.get(`c-${short}`);
      if (given && Number.isFinite(Number(given))) state[name] = bounded(Number(given), least, most);
    }
    for (const name of ['first', 'second', 'solo']) if (state[name] !== null) state[name] = Math.floor(state[name]);
    for (const [name, short] of Object.entries(FLAGS)) state[name] = parameters.get(`c-${short}`) === '1';
    state.offsets = (parameters.get('c-offsets') || '').split('_').map((text) => bounded(Number(text) || 0, -MOST_OFFSET_S, MOST_OFFSET_S));
    return fitted(state);
  }

  function write(state, parameters) {
    if (!state) return;
    const opened = of(state.cells);
    parameters.set('compare', state.cells.join('.'));
    for (const name of Object.keys(CHOICES)) if (state[name] !== opened[name]) parameters.set(`c-${name}`, state[name]);
    for (const [name, [short]] of Object.entries(NUMBERS)) {
      if (state[name] !== null && state[name] !== opened[name]) parameters.set(`c-${short}`, short3(state[name]));
    }
    for (const [name, short] of Object.entries(FLAGS)) if (state[name]) parameters.set(`c-${short}`, '1');
    if (state.offsets.some((offsetS) => offsetS !== 0)) parameters.set('c-offsets', state.offsets.map(short3).join('_'));
  }

  const bounded = (number, least, most) => Math.min(most, Math.max(least, number));
  const short3 = (number) => String(Math.round(number * 1000) / 1000);

  falExp.compareState = { MOST, MOST_OFFSET_S, CHOICES, of, fitted, without, pinned, read, write, bounded };
})((globalThis.falExp = globalThis.falExp || {}));
