/* The pinned baseline: a cell, a row or a column that the other cells are held against. */
(function (falExp) {
  'use strict';

  const KINDS = ['cell', 'row', 'column'];

  falExp.hash.register('pin', {
    empty: null,
    read: (parameters) => {
      const [, kind, key] = /^(\w+):(.+)$/s.exec(parameters.get('pin') || '') || [];
      return KINDS.includes(kind) ? { kind, key } : null;
    },
    write: (pin, parameters) => pin && parameters.set('pin', `${pin.kind}:${pin.key}`),
  });

  /** @returns {boolean} whether this is what is pinned */
  function isPinned(view, kind, key) {
    return view.pin?.kind === kind && view.pin.key === key;
  }

  /** Pin something, or unpin it where it is pinned already. */
  function toggle(kind, key) {
    const view = falExp.view.get();
    falExp.view.set({ pin: isPinned(view, kind, key) ? null : { kind, key } });
  }

  /**
   * Return the cell that a place is held against: of the pinned column in its row, of the pinned row
   * in its column, or the pinned cell. null where there is none, or where it is the cell itself.
   */
  function baseOf(view, section, row, column) {
    const { pin } = view;
    if (!pin) return null;
    const own = row.cells[column];
    const base = pin.kind === 'cell' ? falExp.data.indexOf.get(pin.key) ?? null
      : pin.kind === 'column' ? (section.columnPinned ? row.cells[0] : null)
        : section.pinnedRow?.cells[column] ?? null;
    return base === null || base < 0 || base === own ? null : base;
  }

  /**
   * Return what a cell is against another, for cost, time and the metric that colours.
   * @returns {{label: string, text: string, word: string, tone: string}[]}
   */
  function deltas(cell, base, metricKey) {
    const keys = [...new Set(['cost_usd', 'total_s', metricKey])].filter(Boolean);
    return keys.flatMap((key) => {
      const metric = falExp.data.batch.metrics.find((each) => each.key === key);
      const number = (of) => falExp.data.number(of, key);
      const found = metric && falExp.scores.delta(metric, number(cell), number(base));
      return found ? [{ label: metric.label, ...found }] : [];
    });
  }

  falExp.pins = { isPinned, toggle, baseOf, deltas };
})((globalThis.falExp = globalThis.falExp || {}));
