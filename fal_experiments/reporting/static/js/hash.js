/* The view in the address: every field that a script registers is read from it and written to it. */
(function (falExp) {
  'use strict';

  /**
   * @typedef {object} Field
   * @property {*} empty   the value of a page without an address, or a function that returns it:
   *                       string, number, null, Set or plain JSON
   * @property {(parameters: URLSearchParams) => *} read
   * @property {(value: *, parameters: URLSearchParams) => void} write  writes nothing when empty
   */

  const MIN_TILE_PX = 120;
  const MAX_TILE_PX = 720;
  /** @type {Map<string, Field>} in the order in which the address carries them */
  const fields = new Map();

  /**
   * Add a field to the view.
   * @param {string} name  its name in the view
   * @param {Field} field
   */
  function register(name, field) {
    if (fields.has(name)) throw new Error(`the view has a field ${name} already`);
    fields.set(name, field);
  }

  /** @returns {object} the view of a page without an address */
  function emptyView() {
    const view = {};
    for (const [name, { empty }] of fields) view[name] = typeof empty === 'function' ? empty() : empty;
    return view;
  }

  /**
   * @param {string} hash  with or without its #
   * @returns {object}  a view; what cannot be read is as in an empty one
   */
  function read(hash) {
    const parameters = new URLSearchParams(hash.replace(/^#/, ''));
    const view = emptyView();
    for (const [name, field] of fields) view[name] = field.read(parameters) ?? view[name];
    return view;
  }

  /**
   * @param {object} view
   * @returns {string}  starts with # unless nothing differs from the page as it opens
   */
  function write(view) {
    const parameters = new URLSearchParams();
    for (const [name, field] of fields) field.write(view[name], parameters);
    const text = parameters.toString();
    return text && `#${text}`;
  }

  /** Return a field of plain text under a name of the address; `empty` is what the page opens with. */
  function text(parameter, empty = '') {
    return {
      empty,
      read: (parameters) => parameters.get(parameter) || empty,
      write: (value, parameters) => value && parameters.set(parameter, value),
    };
  }

  /** Return a field that is a set of texts, written in one order whatever order they came in. */
  function set(parameter) {
    return {
      empty: () => new Set(),
      read: (parameters) => new Set(parameters.getAll(parameter)),
      write: (value, parameters) => {
        for (const each of [...value].sort()) parameters.append(parameter, each);
      },
    };
  }

  /** @returns {boolean} whether two values of a field are the same */
  function same(a, b) {
    if (a === b) return true;
    if (a instanceof Set && b instanceof Set) {
      return a.size === b.size && [...a].every((value) => b.has(value));
    }
    return !(a instanceof Set || b instanceof Set) && JSON.stringify(a) === JSON.stringify(b);
  }

  register('query', text('q'));
  register('states', set('hide-state'));
  register('tilePx', {
    empty: null,
    read: (parameters) => {
      const tilePx = Math.round(Number(parameters.get('tile')));
      return tilePx ? Math.min(MAX_TILE_PX, Math.max(MIN_TILE_PX, tilePx)) : null;
    },
    write: (value, parameters) => value && parameters.set('tile', String(value)),
  });
  register('cell', text('cell', null));

  falExp.hash = { register, read, write, emptyView, same, text, set, MIN_TILE_PX, MAX_TILE_PX };
})((globalThis.falExp = globalThis.falExp || {}));
