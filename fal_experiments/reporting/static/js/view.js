/* The one state of the page: read from the address, written back to it, told to who listens. */
(function (falExp) {
  'use strict';

  /** Browsers refuse an address that changes with every step of a slider. */
  const QUIET_MS = 150;
  const listeners = [];
  let replacedMs = -Infinity;
  let current = falExp.hash.emptyView();

  /** @param {(view: View, changed: Set<string>) => void} listener */
  function onChange(listener) {
    listeners.push(listener);
  }

  /**
   * Change some fields of the view.
   * @param {Partial<View>} patch
   * @param {{push?: boolean}} [options]  push: the browser's Back undoes it
   */
  function set(patch, { push = false } = {}) {
    if (!push) {
      tell({ ...current, ...patch });
      replaceSoon();
      return;
    }
    replaceNow();
    tell({ ...current, ...patch });
    history.pushState(null, '', address());
  }

  const address = () => falExp.hash.write(current) || location.pathname + location.search;

  const replaceLater = falExp.dom.settle(QUIET_MS, replaceNow);

  function replaceSoon() {
    if (performance.now() - replacedMs > QUIET_MS) replaceNow();
    else replaceLater();
  }

  function replaceNow() {
    replaceLater.cancel();
    replacedMs = performance.now();
    history.replaceState(null, '', address());
  }

  /** Hide or show one value of a facet: a state, a column, a prompt. */
  function toggle(facet, value) {
    const hidden = new Set(current[facet]);
    if (!hidden.delete(value)) hidden.add(value);
    set({ [facet]: hidden });
  }

  function clearFilters() {
    set({ query: '', states: new Set(), presets: new Set(), prompts: new Set() });
  }

  function readAddress() {
    replaceLater.cancel();
    tell(falExp.hash.read(location.hash));
  }

  function tell(next) {
    const before = current;
    current = next;
    const changed = new Set(Object.keys(next).filter((name) => !same(before[name], next[name])));
    if (changed.size > 0) listeners.forEach((listener) => listener(current, changed));
  }

  function same(a, b) {
    if (!(a instanceof Set)) return a === b;
    return a.size === b.size && [...a].every((value) => b.has(value));
  }

  addEventListener('hashchange', readAddress);
  addEventListener('popstate', readAddress);

  falExp.view = { get: () => current, set, toggle, clearFilters, readAddress, onChange };
})((globalThis.falExp = globalThis.falExp || {}));
