/* Sliders of the filter panel: two ends of any number, over a picture of how it is spread. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const SVG = 'http://www.w3.org/2000/svg';
  const BINS = 32;
  const STEPS = 200;
  /** Those that stand in the panel without being asked for. */
  const USUAL = ['cost_usd', 'total_s', 'loop_seam', 'mismatches'];
  /** Added by hand; they go when the page goes. */
  const added = new Set();
  const spread = new Map();

  /** @returns {{span: object|null, bins: number[]}} of all cells, once a metric */
  function spreadOf(key) {
    if (!spread.has(key)) {
      const values = falExp.data.cells.map((cell) => falExp.data.number(cell, key));
      const span = falExp.scores.span(values);
      spread.set(key, { span, bins: span ? falExp.scores.histogram(values, span, BINS) : [] });
    }
    return spread.get(key);
  }

  function keys() {
    const { ranges } = falExp.view.get();
    return falExp.data.batch.metrics.map(({ key }) => key)
      .filter((key) => USUAL.includes(key) || added.has(key) || key in ranges);
  }

  function setRange(key, patch) {
    const { ranges } = falExp.view.get();
    const next = { min: null, max: null, unknown: false, ...ranges[key], ...patch };
    const { [key]: _, ...others } = ranges;
    const isOpen = next.min === null && next.max === null;
    falExp.view.set({ ranges: isOpen ? others : { ...others, [key]: next } });
  }

  /** @returns {{node: Node, update: () => void}} */
  function slider(key) {
    const metric = falExp.filter.metricOf(key);
    const { span, bins } = spreadOf(key);
    const all = falExp.data.cells.length;
    const head = (text) => el('div', { class: 'slider-head' }, el('span', {}, metric.label), text);
    if (!span || span.low === span.high) {
      const words = span ? `${falExp.scores.format(metric, span.low)} for all ${span.known} known` : 'not known of any cell';
      return { node: el('div', { class: 'slider' }, head(el('span', { class: 'soft' }, words))), update: () => {} };
    }
    const told = el('output', { class: 'slider-told' });
    const ends = ['min', 'max'].map((end) => el('input', {
      type: 'range', min: 0, max: STEPS, step: 1, 'aria-label': `${end === 'min' ? 'Least' : 'Most'} ${metric.label}`, 'data-end': end,
    }));
    const unknown = el('input', { type: 'checkbox' });
    const box = el('div', { class: 'slider-box' }, picture(bins), ...ends);
    const valueAt = (step) => span.low + ((span.high - span.low) * step) / STEPS;
    const stepOf = (value) => Math.round(((value - span.low) / (span.high - span.low)) * STEPS);
    const rounded = (value, up) => {
      const factor = 10 ** (metric.places ?? 2);
      return (up ? Math.ceil(value * factor - 1e-9) : Math.floor(value * factor + 1e-9)) / factor;
    };
    const onInput = (event) => {
      let [min, max] = ends.map((end) => Number(end.value));
      if (min > max) [min, max] = event.target === ends[0] ? [max, max] : [min, min];
      setRange(key, {
        min: min === 0 ? null : rounded(valueAt(min), false), max: max === STEPS ? null : rounded(valueAt(max), true),
      });
    };
    ends.forEach((end) => end.addEventListener('input', onInput));
    unknown.addEventListener('change', () => setRange(key, { unknown: unknown.checked }));
    const update = () => {
      const range = falExp.view.get().ranges[key];
      ends[0].value = String(range?.min == null ? 0 : stepOf(range.min));
      ends[1].value = String(range?.max == null ? STEPS : stepOf(range.max));
      box.style.setProperty('--from', String(ends[0].value / STEPS));
      box.style.setProperty('--to', String(ends[1].value / STEPS));
      const [low, high] = [range?.min ?? span.low, range?.max ?? span.high].map((value) => falExp.scores.format(metric, value));
      told.textContent = `${low} – ${high}`;
      ends[0].setAttribute('aria-valuetext', low);
      ends[1].setAttribute('aria-valuetext', high);
      unknown.checked = Boolean(range?.unknown);
      unknown.disabled = !range;
    };
    update();
    const missing = all - span.known;
    return {
      update,
      node: el('div', { class: 'slider', 'data-metric': key }, head(told), box, missing > 0 && el('label', { class: 'check-line' }, unknown,
        `unknown too (${missing} of ${all})`)),
    };
  }

  /* One path for all bars: the panel stays light. */
  function picture(bins) {
    const highest = Math.max(...bins);
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', `0 0 ${BINS} 10`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', bins.map((count, at) => {
      const height = count === 0 ? 0 : 1 + (9 * count) / highest;
      return `M${at + 0.1} 10v${-height}h.8v${height}z`;
    }).join(''));
    svg.append(path);
    return svg;
  }

  /** @returns {{node: Node, update: () => void}}  all sliders, and the menu that adds one */
  function build() {
    const box = el('div', { class: 'sliders' });
    let made = [];
    let shown = '';
    const fill = () => {
      const wanted = keys();
      shown = wanted.join('\n');
      made = wanted.map(slider);
      const rest = falExp.data.batch.metrics.filter(({ key }) => !wanted.includes(key));
      const add = el('select', { 'aria-label': 'Add slider' }, el('option', { value: '' }, 'Add slider …'),
        ...rest.map(({ key, label }) => el('option', { value: key }, label)));
      add.addEventListener('change', () => {
        added.add(add.value);
        fill();
        box.querySelector(`[data-metric="${CSS.escape(add.value)}"] input`)?.focus();
      });
      box.replaceChildren(...made.map(({ node }) => node), ...(rest.length > 0 ? [add] : []));
    };
    fill();
    return { node: box, update: () => (keys().join('\n') === shown ? made.forEach((each) => each.update()) : fill()) };
  }

  falExp.sliders = { build };
})((globalThis.falExp = globalThis.falExp || {}));
