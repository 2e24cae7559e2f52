/* Small choices that outlive the page: theme, single-key shortcuts. */
(function (falExp) {
  'use strict';

  const PREFIX = 'fal-exp.';

  /* A browser may refuse storage to a file: then a choice lasts as long as the page. */
  function storage() {
    try {
      return globalThis.localStorage;
    } catch {
      return null;
    }
  }

  falExp.memory = {
    /** @returns {string|null} */
    read: (name) => storage()?.getItem(PREFIX + name) ?? null,
    write: (name, value) => storage()?.setItem(PREFIX + name, value),
    remove: (name) => storage()?.removeItem(PREFIX + name),
    /** @returns {string[]} the names that begin so */
    names: (start) => Object.keys(storage() ?? {})
      .filter((name) => name.startsWith(PREFIX + start)).map((name) => name.slice(PREFIX.length)),
  };
})((globalThis.falExp = globalThis.falExp || {}));
