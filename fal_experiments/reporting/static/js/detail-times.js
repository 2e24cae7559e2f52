/* The attempts of a cell on one line of time, with all that the bars show in words below. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const { part, facts, badge } = falExp.lines;
  const KINDS = { submit: 'submit', queue: 'queue', run: 'run', download: 'download' };

  /** @returns {number} where the last bar ends, never 0 */
  function endOf(attempts) {
    return Math.max(0.001, ...attempts.flatMap((each) => (each.spans || []).map((span) => span.end_s)));
  }

  function bar(span, endS) {
    const made = el('span', {
      class: `span span-${span.kind}${span.goes_on ? ' goes-on' : ''}`,
      title: `${span.label}: ${span.length_label}\n${span.times_label}`,
    });
    made.style.left = `${(span.start_s / endS) * 100}%`;
    made.style.width = `${((span.end_s - span.start_s) / endS) * 100}%`;
    return made;
  }

  function track(attempt, endS, many) {
    const said = (attempt.spans || []).map((span) => `${span.label} ${span.length_label}`).join(', ');
    return el('div', { class: 'track-row' },
      many && el('span', { class: 'track-name' }, `attempt ${attempt.number}`),
      el('div', { class: 'track', role: 'img', 'aria-label': `Attempt ${attempt.number}: ${said}` },
        ...(attempt.spans || []).map((span) => bar(span, endS))));
  }

  function told(attempt, many) {
    const spans = (attempt.spans || []).map((span) => ({
      label: span.label, value: span.length_label, note: span.times_label,
    }));
    const lines = facts([...spans, ...(attempt.lines || [])]);
    return el('div', { class: 'attempt' },
      el('p', {}, many && `Attempt ${attempt.number} · `, `sent ${attempt.started_at}, in all ${attempt.total_label} `,
        badge(attempt.state_label, attempt.tone)),
      attempt.reason && many && el('p', { class: 'note', dir: 'auto' }, attempt.reason),
      many && attempt.request_id && el('p', { class: 'note' }, 'request ', el('code', {}, attempt.request_id)),
      lines);
  }

  /** @param {object[]|undefined} attempts */
  function build(attempts) {
    if (!attempts?.length) return part('Times', el('p', { class: 'note' }, 'It was never submitted.'));
    const endS = endOf(attempts);
    const many = attempts.length > 1;
    const used = new Set(attempts.flatMap((each) => (each.spans || []).map((span) => span.kind)));
    return part('Times',
      el('div', { class: 'spans' }, ...attempts.map((each) => track(each, endS, many)),
        el('div', { class: 'track-scale', 'aria-hidden': 'true' }, el('span', {}, '0 s'),
          ...Object.keys(KINDS).filter((kind) => used.has(kind))
            .map((kind) => el('span', { class: `span-legend legend-${kind}` }, KINDS[kind])),
          el('span', {}, `${endS < 60 ? endS.toFixed(1) : Math.round(endS)} s`))),
      ...attempts.map((each) => told(each, many)));
  }

  falExp.times = { build };
})((globalThis.falExp = globalThis.falExp || {}));
