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
  };
})((globalThis.falExp = globalThis.falExp || {}));
