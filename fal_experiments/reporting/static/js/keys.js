/* The keyboard: each script registers its keys, one listener runs them, `?` lists them. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  const SHOWN = {
    ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', PageUp: 'Page ↑', PageDown: 'Page ↓',
  };
  /** Groups of the sheet, the most used first; others follow as they come. */
  const GROUPS = ['Grid', 'Playing', 'Page', 'Pages', 'Rating', 'Details', 'Compare'];
  /** Printed on different keys of different layouts: `Shift+,` means the key, not what it prints. */
  const BY_CODE = { Comma: ',', Period: '.' };
  /** What these do by themselves where a control has the focus. */
  const OF_CONTROLS = /^(Shift\+)?(Space|Enter|Arrow\w+|Home|End|PageUp|PageDown)$/;
  const TYPING = 'textarea, select, [contenteditable], video, input:not([type=range], [type=checkbox], [type=radio])';
  const CONTROLS = 'button, summary, a[href], input';
  let letters = falExp.memory.read('letters') !== 'off';

  /**
   * @typedef {object} Key
   * @property {string|string[]} key  as `nameOf` writes it: `c`, `Shift+C`, `Ctrl+Home`, `ArrowLeft`, `Space`
   * @property {string} [label]       what it does, for the sheet; a key without one is not listed
   * @property {string} [group]       heading it stands under
   * @property {(index: number|null, event: KeyboardEvent) => void} run
   *           index: the cell that is meant (focused tile, else tile under the pointer, else open cell)
   * @property {string|string[]} [scope]  'page' unless given; see `scopeOf`
   * @property {'cell'|'tile'} [needs]    'cell': does nothing unless a cell is meant; 'tile': only
   *           while a tile itself has the focus
   * @property {() => boolean} [when]     asked before it runs
   */

  /** @type {Key[]} */
  const registered = [];

  /** @param {Key} key */
  function register(key) {
    registered.push(key);
  }

  /** @returns {string[]} the names under which this press may be registered */
  function namesOf(event) {
    const key = event.key === ' ' ? 'Space' : event.key;
    const ctrl = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
    const alt = event.altKey ? 'Alt+' : '';
    const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
    const shift = event.shiftKey && (letter || key.length > 1) ? 'Shift+' : '';
    const name = letter ? (event.shiftKey ? key.toUpperCase() : key.toLowerCase()) : key;
    const names = [ctrl + alt + shift + name];
    if (event.shiftKey && BY_CODE[event.code]) names.push(`${ctrl}${alt}Shift+${BY_CODE[event.code]}`);
    return names;
  }

  /**
   * Keys belong to the part of the page that has the focus: `data-keys` of the nearest element that
   * has it, else of the document's root, else 'page'. A dialog without it has no keys.
   */
  function scopeOf(target) {
    const place = target.closest?.('[data-keys], dialog');
    return place ? place.dataset.keys ?? null : document.documentElement.dataset.keys || 'page';
  }

  /** @returns {{index: number|null, focused: boolean}} the cell that a press means */
  function meant(target, scope) {
    const tile = target.closest?.('.tile');
    if (tile) return { index: Number(tile.dataset.index), focused: target === tile };
    const open = scope === 'page' ? falExp.hover.looked() : falExp.data.indexOf.get(falExp.view.get().cell);
    return { index: open ?? null, focused: false };
  }

  function onKey(event) {
    if (event.defaultPrevented || event.target.closest?.(TYPING)) return;
    const names = namesOf(event);
    if (!letters && names.some((name) => name.replace('Shift+', '').length === 1)) return;
    if (OF_CONTROLS.test(names[0]) && event.target.closest?.(CONTROLS)) return;
    const scope = scopeOf(event.target);
    const { index, focused } = meant(event.target, scope);
    const entry = registered.find((each) => [each.key].flat().some((key) => names.includes(key))
      && [each.scope ?? 'page'].flat().includes(scope)
      && (each.needs !== 'tile' || focused) && (!each.needs || index !== null)
      && (!each.when || each.when()));
    if (!entry) return;
    event.preventDefault();
    entry.run(index, event);
  }

  /** @returns {HTMLElement} a key as it is written on the sheet */
  function cap(key) {
    const parts = key.length === 1 ? [key] : key.split('+');
    return el('span', { class: 'caps' }, ...parts.map((part) => (
      el('kbd', {}, SHOWN[part] || (part.length === 1 ? part.toUpperCase() : part)))));
  }

  /** Write the sheet from what is registered. */
  function fillSheet() {
    const groups = new Map(GROUPS.map((group) => [group, []]));
    for (const each of registered) {
      if (!each.label) continue;
      const group = each.group || 'Page';
      groups.set(group, [...(groups.get(group) || []), each]);
    }
    byId('key-groups').replaceChildren(...[...groups].filter(([, keys]) => keys.length > 0).map(([group, keys]) => el('section', {},
      el('h3', {}, group),
      el('dl', { class: 'key-list' }, ...keys.map(({ key, label }) => el('div', {},
        el('dt', {}, ...[key].flat().map(cap)), el('dd', {}, label)))))));
  }

  function openSheet() {
    fillSheet();
    byId('keys').showModal();
  }

  function start() {
    document.addEventListener('keydown', onKey);
    byId('help').addEventListener('click', openSheet);
    byId('keys').addEventListener('click', (event) => event.target === byId('keys') && byId('keys').close());
    byId('keys-close').addEventListener('click', () => byId('keys').close());
    byId('letters').checked = letters;
    byId('letters').addEventListener('change', (event) => {
      letters = event.target.checked;
      falExp.memory.write('letters', letters ? 'on' : 'off');
    });
    register({ key: '?', label: 'This list', group: 'Page', run: openSheet });
  }

  falExp.keys = { register, namesOf, start };
})((globalThis.falExp = globalThis.falExp || {}));
