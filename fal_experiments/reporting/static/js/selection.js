/* The cells that are marked to be compared, in the order in which they were marked. */
(function (falExp) {
  'use strict';

  const MOST = 16;
  const listeners = [];
  let marked = [];

  /** @returns {boolean} false when there is no room for one more */
  function toggle(key) {
    if (marked.includes(key)) set(marked.filter((each) => each !== key));
    else if (marked.length >= MOST) return false;
    else set([...marked, key]);
    return true;
  }

  /** Mark these and no others; the first sixteen of them. */
  function set(keys) {
    const next = [...new Set(keys)].slice(0, MOST);
    const changed = new Set([...next, ...marked].filter((key) => next.includes(key) !== marked.includes(key)));
    const moved = next.some((key, place) => marked[place] !== key);
    marked = next;
    if (changed.size > 0 || moved) listeners.forEach((listener) => listener(changed));
  }

  falExp.selection = {
    MOST, toggle, set,
    has: (key) => marked.includes(key),
    keys: () => [...marked],
    clear: () => set([]),
    /** @param {(changed: Set<string>) => void} listener */
    onChange: (listener) => listeners.push(listener),
  };
})((globalThis.falExp = globalThis.falExp || {}));
