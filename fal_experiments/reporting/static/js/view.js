/* The one state of the page: read from the address, written back to it, told to who listens. */
(function (falExp) {
  'use strict';

  /** Browsers refuse an address that changes with every step of a slider. */
  const QUIET_MS = 150;
  const listeners = [];
  let replacedMs = -Infinity;
  /** Fields register until the page starts: the first view is made when it is asked for. */
  let current = null;

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
      tell({ ...get(), ...patch });
      replaceSoon();
      return;
    }
    replaceNow();
    tell({ ...get(), ...patch });
    history.pushState(null, '', address());
  }

  const get = () => {
    current = current || falExp.hash.emptyView();
    return current;
  };

  const address = () => falExp.hash.write(get()) || location.pathname + location.search;

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

  /** Put a text into a set of the view, or take it out: a hidden state, a hidden value. */
  function toggle(name, value) {
    const texts = new Set(get()[name]);
    if (!texts.delete(value)) texts.add(value);
    set({ [name]: texts });
  }

  function readAddress() {
    replaceLater.cancel();
    tell(falExp.hash.read(location.hash));
  }

  function tell(next) {
    const before = get();
    current = next;
    const changed = new Set(Object.keys(next).filter((name) => !falExp.hash.same(before[name], next[name])));
    if (changed.size > 0) listeners.forEach((listener) => listener(current, changed));
  }

  addEventListener('hashchange', readAddress);
  addEventListener('popstate', readAddress);

  falExp.view = { get, set, toggle, readAddress, address, onChange };
})((globalThis.falExp = globalThis.falExp || {}));
