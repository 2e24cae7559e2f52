/* Ratings as plain data: one whole record a cell and rater, as ratings.jsonl has them. */
(function (falExp) {
  'use strict';

  /**
   * @typedef {object} Rating  a line of ratings.jsonl
   * @property {string} at  when it was said
   * @property {string} rater
   * @property {string} cell
   * @property {number|null} stars  1 to 5
   * @property {'keep'|'reject'|null} verdict
   * @property {string[]} reasons
   * @property {string[]} tags
   * @property {{t_s: number, text: string}[]} notes
   */

  /** What core/ratings.py calls COMMON_REASONS. */
  const REASONS = [
    'drift', 'hands or anatomy', 'wrong motion', 'cut', 'text or watermark', 'plate changed',
    'flicker', 'too slow', 'other',
  ];
  const NOTHING = { stars: null, verdict: null, reasons: [], tags: [], notes: [] };
  const MOST_WORDS = 24;
  const MOST_NOTES = 100;

  /** @returns {boolean} whether a rating was taken back, or never given */
  function saysNothing(rating) {
    return !rating || !(rating.stars || rating.verdict || rating.reasons.length
      || rating.tags.length || rating.notes.length);
  }

  /**
   * Return the rating after a change. It is later than the one before, even within a millisecond.
   * @param {Rating|null} before
   * @param {{rater: string, cell: string, nowMs: number}} who
   */
  function patched(before, patch, { rater, cell, nowMs }) {
    const atMs = before ? Math.max(nowMs, Date.parse(before.at) + 1) : nowMs;
    const content = { ...NOTHING, ...(before ? contentOf(before) : {}), ...patch };
    if (content.verdict !== 'reject') content.reasons = [];
    content.reasons = unique(content.reasons).slice(0, MOST_WORDS);
    content.tags = unique(content.tags).slice(0, MOST_WORDS);
    content.notes = [...content.notes].sort((a, b) => a.t_s - b.t_s).slice(0, MOST_NOTES);
    return { v: 1, at: new Date(atMs).toISOString(), rater, cell, ...content };
  }

  /** @returns {object} what a rating says, without who and when */
  function contentOf(rating) {
    const { stars, verdict, reasons, tags, notes } = { ...NOTHING, ...rating };
    return { stars, verdict, reasons, tags, notes };
  }

  function unique(words) {
    return [...new Set(words.map((word) => word.replace(/\s+/g, ' ').trim().slice(0, 120)).filter(Boolean))];
  }

  /** @returns {boolean} whether a rating holds over another one of its rater and cell */
  function isLater(rating, other) {
    if (!other) return true;
    const difference = Date.parse(rating.at) - Date.parse(other.at);
    return difference > 0 || (difference === 0 && JSON.stringify(rating) > JSON.stringify(other));
  }

  /** @returns {Rating|null} what a text says, if it is a rating at all */
  function parsed(text) {
    try {
      const rating = JSON.parse(text);
      const whole = rating.v === 1 && !Number.isNaN(Date.parse(rating.at))
        && typeof rating.rater === 'string' && typeof rating.cell === 'string';
      return whole ? { v: 1, at: rating.at, rater: rating.rater, cell: rating.cell, ...contentOf(rating) } : null;
    } catch {
      return null;
    }
  }

  /** @returns {'keep'|'reject'|'tie'|null} what more raters say than not */
  function majority(ratings) {
    const keep = ratings.filter((rating) => rating.verdict === 'keep').length;
    const reject = ratings.filter((rating) => rating.verdict === 'reject').length;
    if (keep + reject === 0) return null;
    if (keep === reject) return 'tie';
    return keep > reject ? 'keep' : 'reject';
  }

  /** @returns {string} `4★ keep`, for a small badge; empty where nothing is said */
  function short(rating) {
    if (saysNothing(rating)) return '';
    const marks = [
      rating.stars && `${rating.stars}★`, rating.verdict,
      !rating.stars && !rating.verdict && (rating.notes.length > 0 ? 'note' : 'tag'),
    ];
    return marks.filter(Boolean).join(' ');
  }

  /** @returns {string} the whole rating in words, for a title and a screen reader */
  function long(rating) {
    if (saysNothing(rating)) return 'not rated';
    return [
      rating.stars && `${rating.stars} of 5 stars`,
      rating.verdict && (rating.reasons.length ? `${rating.verdict}: ${rating.reasons.join(', ')}` : rating.verdict),
      rating.tags.length > 0 && `tags: ${rating.tags.join(', ')}`,
      ...rating.notes.map((note) => `${timeOf(note.t_s)} ${note.text}`),
    ].filter(Boolean).join('; ');
  }

  /** @returns {string} `2 raters: keep 2, 4.5★`; empty without any */
  function summary(ratings) {
    const said = ratings.filter((rating) => !saysNothing(rating));
    if (said.length === 0) return '';
    const count = (verdict) => said.filter((rating) => rating.verdict === verdict).length;
    const stars = said.map((rating) => rating.stars).filter(Boolean);
    const mean = stars.reduce((sum, each) => sum + each, 0) / stars.length;
    const parts = [
      count('keep') > 0 && `keep ${count('keep')}`, count('reject') > 0 && `reject ${count('reject')}`,
      stars.length > 0 && `${Number(mean.toFixed(1))}★`,
    ].filter(Boolean);
    return `${said.length} rater${said.length === 1 ? '' : 's'}${parts.length ? `: ${parts.join(', ')}` : ''}`;
  }

  /** @returns {string} `0:01.25` */
  function timeOf(timeS) {
    const minutes = Math.floor(timeS / 60);
    return `${minutes}:${(timeS - 60 * minutes).toFixed(2).padStart(5, '0')}`;
  }

  /** @returns {string} ratings as ratings.jsonl has them, the oldest first */
  function lines(ratings) {
    return [...ratings].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.cell < b.cell ? -1 : 1))
      .map((rating) => `${JSON.stringify(rating)}\n`).join('');
  }

  falExp.ratingsModel = {
    REASONS, saysNothing, patched, contentOf, isLater, parsed, majority, short, long, summary, timeOf, lines,
  };
})((globalThis.falExp = globalThis.falExp || {}));
