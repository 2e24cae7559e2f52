/* On paper: contact sheets of what is shown, in place of a grid that has only what is near the window. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  /** Sheets are pictures of a megapixel: a browser holds all that it prints. */
  const MOST_SHEETS = 400;
  /** A picture that does not come must not keep a person from printing the others. */
  const PICTURES_WITHIN_MS = 20000;

  let sheets = null;

  function prompts() {
    const { data } = falExp;
    const shown = data.cells.filter(falExp.filter.compile(falExp.view.get()));
    const groups = new Map();
    for (const cell of shown.slice(0, MOST_SHEETS)) {
      if (!groups.has(cell.prompt)) groups.set(cell.prompt, []);
      groups.get(cell.prompt).push(cell);
    }
    return { shown: shown.length, groups };
  }

  /** Put the sheets on the page; only print shows them. */
  function build() {
    remove();
    const { shown, groups } = prompts();
    const { data } = falExp;
    const asked = falExp.filter.active(falExp.view.get()).map(({ label }) => label);
    sheets = el('section', { class: 'sheets' },
      el('p', { class: 'sheets-note', dir: 'auto' }, [
        `${shown} of ${data.cells.length} cells`, ...asked,
        shown > MOST_SHEETS && `the first ${MOST_SHEETS} are printed; filter for the others`,
      ].filter(Boolean).join(' · ')),
      ...[...groups].map(([prompt, cells]) => group(data.batch.prompts[prompt], cells)));
    document.querySelector('main').append(sheets);
  }

  function group({ id, task, text }, cells) {
    return el('section', {},
      el('div', { class: 'sheets-prompt' }, el('h2', { dir: 'auto' }, id, ' ', el('small', {}, task)), el('p', { dir: 'auto' }, text)),
      el('div', { class: 'sheets-sheets' }, ...cells.map(sheet)));
  }

  function sheet(cell) {
    const { data } = falExp;
    const picture = cell.sheet?.picture ?? cell.poster;
    const input = data.valueOf(cell, 'input');
    const facts = [cell.run_label, input?.label, cell.cost_label, cell.time_label].filter(Boolean);
    return el('figure', { class: 'sheets-sheet' },
      picture
        ? el('img', { src: picture.href, width: picture.width_px, height: picture.height_px, alt: '' })
        : el('p', { class: 'sheets-absence', dir: 'auto' }, el('strong', {}, cell.state_label), ' ', cell.reason),
      el('figcaption', {},
        el('strong', {}, data.nameOf(cell)), el('span', {}, facts.join(' · ')),
        cell.deviations.length > 0 && el('small', {}, cell.deviations.join('; ')),
        cell.breach && el('small', {}, `not strict: ${cell.breach}`)));
  }

  function remove() {
    sheets?.remove();
    sheets = null;
  }

  /** @returns {Promise<void>} when every picture is there, or has had its time */
  async function prepare() {
    build();
    const pictures = [...sheets.querySelectorAll('img')].map((image) => image.decode().catch(() => {}));
    await Promise.race([Promise.all(pictures), new Promise((resolve) => setTimeout(resolve, PICTURES_WITHIN_MS))]);
  }

  async function print() {
    await prepare();
    globalThis.print();
  }

  function onKey(event) {
    if (event.key.toLowerCase() !== 'p' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    print();
  }

  function start() {
    addEventListener('keydown', onKey);
    addEventListener('beforeprint', () => { if (!sheets) build(); });
    addEventListener('afterprint', remove);
  }

  falExp.printSheets = { MOST_SHEETS, start, prepare, print };
})((globalThis.falExp = globalThis.falExp || {}));
