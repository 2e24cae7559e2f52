/* Numbers of cells: how they are written, which is best, and what one is against another. */
(function (falExp) {
  'use strict';

  /**
   * @typedef {{key: string, label: string, unit: string, better: 'higher'|'lower'|'neither', places: number}} Metric
   */

  /* What a person calls the better and the worse of two, where there are words for it. */
  const WORDS = {
    cost_usd: { higher: 'dearer', lower: 'cheaper' },
    total_s: { higher: 'slower', lower: 'faster' },
    run_s: { higher: 'slower', lower: 'faster' },
    queue_s: { higher: 'slower', lower: 'faster' },
    duration_s: { higher: 'longer', lower: 'shorter' },
  };

  /** @returns {string} a number as the report writes it: `$0.124`, `3.1 s`, `0.036` */
  function format(metric, value) {
    if (value === null || value === undefined) return 'unknown';
    const sign = value < 0 ? '−' : '';
    const digits = Math.abs(value).toFixed(metric.places ?? 2);
    if (metric.unit === 'USD') return `${sign}$${trim(digits, 2)}`;
    return `${sign}${digits}${unitOf(metric)}`;
  }

  const unitOf = ({ unit }) => (unit && unit !== '1' ? ` ${unit}`.replace(' %', '%') : '');

  /** Drop zeros at the end, but keep `least` digits after the point. */
  function trim(digits, least) {
    const [whole, part = ''] = digits.split('.');
    const kept = part.replace(/0+$/, '').padEnd(Math.min(least, part.length), '0');
    return kept ? `${whole}.${kept}` : whole;
  }

  /**
   * Return what `value` is against `base`, with a word that says which is better.
   * @returns {{text: string, word: string, tone: 'good'|'bad'|'idle'}|null}  null: one is unknown
   */
  function delta(metric, value, base) {
    if (value === null || base === null) return null;
    const difference = Number((value - base).toFixed(metric.places ?? 2));
    if (difference === 0) return { text: `±${format(metric, 0)}`, word: 'the same', tone: 'idle' };
    const text = `${difference > 0 ? '+' : ''}${format(metric, difference)}`;
    const direction = difference > 0 ? 'higher' : 'lower';
    const tone = metric.better === 'neither' ? 'idle' : direction === metric.better ? 'good' : 'bad';
    const plain = { good: 'better', bad: 'worse', idle: direction }[tone];
    return { text, word: WORDS[metric.key]?.[direction] || plain, tone };
  }

  /**
   * Return the best and the worst of some values, by position. Nothing is best where all are the
   * same, where fewer than two are known, or where the metric has no better end.
   * @param {(number|null)[]} values
   * @returns {{best: Set<number>, worst: Set<number>}}
   */
  function extremes(metric, values) {
    const known = values.filter((value) => value !== null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    if (metric.better === 'neither' || known.length < 2 || low === high) return { best: new Set(), worst: new Set() };
    const where = (wanted) => new Set(values.flatMap((value, at) => (value === wanted ? [at] : [])));
    return metric.better === 'higher'
      ? { best: where(high), worst: where(low) } : { best: where(low), worst: where(high) };
  }

  /** @returns {{value: number|null, known: number, all: number}} the median of the known values */
  function median(values) {
    const known = values.filter((value) => value !== null).sort((a, b) => a - b);
    const middle = known.length / 2;
    const value = known.length === 0 ? null
      : (known[Math.ceil(middle - 1)] + known[Math.floor(middle)]) / 2;
    return { value, known: known.length, all: values.length };
  }

  /**
   * Return what the bars and sliders of a metric range over. A scale of parts starts at 0 where no
   * value is below it, so that a bar twice as long is twice as much.
   * @returns {{low: number, high: number, known: number}|null}  null: no value is known
   */
  function span(values) {
    let [low, high, known] = [Infinity, -Infinity, 0];
    for (const value of values) {
      if (value === null) continue;
      known += 1;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return known > 0 ? { low, high, known } : null;
  }

  /** @returns {number} how much of a bar a value fills, 0 to 1 */
  function part(value, { low, high }) {
    const from = Math.min(0, low);
    return high > from ? (value - from) / (high - from) : 0;
  }

  /** @returns {number[]} how many of the values lie in each of `bins` equal parts of the span */
  function histogram(values, { low, high }, bins) {
    const counts = Array.from({ length: bins }, () => 0);
    for (const value of values) {
      if (value === null) continue;
      counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low || 1)) * bins))] += 1;
    }
    return counts;
  }

  /** @returns {string} a range in words: `cost $0.10 to $0.56, unknown too` */
  function rangeLabel(metric, { min, max, unknown }) {
    const [low, high] = [min ?? null, max ?? null];
    const ends = low !== null && high !== null ? `${format(metric, low)} to ${format(metric, high)}`
      : low !== null ? `from ${format(metric, low)}` : high !== null ? `up to ${format(metric, high)}` : 'known';
    return `${metric.label} ${ends}${unknown ? ', unknown too' : ''}`;
  }

  falExp.scores = { format, delta, extremes, median, span, part, histogram, rangeLabel };
})((globalThis.falExp = globalThis.falExp || {}));
