/* The page of all batches: words that a person types leave only the batches that have them all. */
(function (falExp) {
  'use strict';

  const fold = (text) => text.normalize('NFKC').toLowerCase();

  function ready() {
    falExp.theme.start();
    const rows = [...document.querySelectorAll('#batches tbody tr')];
    const texts = rows.map((row) => fold(row.textContent));
    const filter = falExp.dom.byId('filter');

    function apply() {
      const words = fold(filter.value).split(/\s+/).filter(Boolean);
      const shown = texts.map((text) => words.every((word) => text.includes(word)));
      rows.forEach((row, index) => { row.hidden = !shown[index]; });
      falExp.dom.byId('count').textContent = words.length ? `${shown.filter(Boolean).length} of ${rows.length}` : '';
    }

    filter.addEventListener('input', apply);
    apply();
    document.documentElement.dataset.ready = '';
  }

  addEventListener('DOMContentLoaded', ready);
})((globalThis.falExp = globalThis.falExp || {}));
