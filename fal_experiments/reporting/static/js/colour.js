/* A metric drawn on every tile: a bar with its value, the best and worst of each row, medians. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  /** What the bars of this page range over. */
  let span = null;

  falExp.hash.register('colour', falExp.hash.text('by', null));

  /** @returns {object|null} the metric that is drawn */
  function metric() {
    const { colour } = falExp.view.get();
    return falExp.data.batch.metrics.find(({ key }) => key === colour) || null;
  }

  /** Look once at all numbers of a plan before its tiles are drawn. */
  function measure(plan) {
    const shown = metric();
    span = shown ? falExp.scores.span(falExp.layout.order(plan)
      .map((index) => falExp.data.number(falExp.data.cells[index], shown.key))) : null;
  }

  /** @returns {{metric: object, span: object|null, mark: 'best'|'worst'|null}|null} of a place */
  function contextOf(row, column) {
    const shown = metric();
    if (!shown) return null;
    const values = row.cells.map((cell) => (cell >= 0 ? falExp.data.number(falExp.data.cells[cell], shown.key) : null));
    const { best, worst } = falExp.scores.extremes(shown, values);
    return { metric: shown, span, mark: best.has(column) ? 'best' : worst.has(column) ? 'worst' : null };
  }

  /** Return the bar of a tile. */
  function bar(cell, { metric: shown, span: whole, mark }) {
    const value = falExp.data.number(cell, shown.key);
    const words = { best: '▲ best', worst: '▼ worst' }[mark];
    const line = el('div', { class: `score${mark ? ` ${mark}` : ''}`, title: shown.label },
      el('span', {}, falExp.scores.format(shown, value)), words && el('span', { class: 'score-mark' }, words));
    line.style.setProperty('--part', value === null || !whole ? '0' : falExp.scores.part(value, whole).toFixed(4));
    return line;
  }

  /** Return the median of a column, with how many cells it knows; null where no metric is drawn. */
  function median(cellsOf) {
    const shown = metric();
    if (!shown) return null;
    const { value, known, all } = falExp.scores.median(cellsOf().map((cell) => falExp.data.number(cell, shown.key)));
    return el('div', { class: 'column-facts median' },
      value === null ? `${shown.label}: none of ${all} known`
        : `median ${falExp.scores.format(shown, value)} · ${known} of ${all}`);
  }

  function start() {
    const select = byId('colour');
    select.append(el('option', { value: '' }, 'Nothing'),
      ...falExp.data.batch.metrics.map(({ key, label }) => el('option', { value: key }, label)));
    select.addEventListener('change', () => falExp.view.set({ colour: select.value || null }));
    const show = () => { select.value = metric()?.key ?? ''; };
    falExp.view.onChange(show);
    show();
  }

  falExp.colour = { metric, measure, contextOf, bar, median, start };
})((globalThis.falExp = globalThis.falExp || {}));
