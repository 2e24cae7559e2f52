/* Ratings as data: what changes, what holds, how they are told. */
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

require('../../../fal_experiments/reporting/static/js/ratings_model.js');

const { ratingsModel: model } = globalThis.falExp;
const WHO = { rater: 'anna', cell: '0a'.repeat(8), nowMs: Date.UTC(2026, 10, 20) };
const rated = (patch, before = null) => model.patched(before, patch, WHO);

test('a change keeps the rest, and is later even within a millisecond', () => {
  const first = rated({ stars: 4 });
  const second = rated({ verdict: 'keep' }, first);
  assert.equal(second.stars, 4);
  assert.equal(Date.parse(second.at), Date.parse(first.at) + 1);
  assert.ok(model.isLater(second, first));
  assert.ok(!model.isLater(first, second));
  assert.ok(model.isLater(first, undefined));
  assert.ok(!model.isLater(first, first));
});

test('reasons belong to a rejection, words are trimmed, kept once and not too many', () => {
  const rejected = rated({ verdict: 'reject', reasons: [' drift', 'drift', '', 'a\n b'] });
  assert.deepEqual(rejected.reasons, ['drift', 'a b']);
  assert.deepEqual(rated({ verdict: 'keep' }, rejected).reasons, []);
  assert.equal(rated({ tags: Array.from({ length: 40 }, (_, n) => `t${n}`) }).tags.length, 24);
});

test('notes stand in the order of their times', () => {
  const { notes } = rated({ notes: [{ t_s: 2, text: 'b' }, { t_s: 0.5, text: 'a' }] });
  assert.deepEqual(notes.map((note) => note.text), ['a', 'b']);
});

test('what was taken back says nothing', () => {
  assert.ok(model.saysNothing(rated(model.contentOf({}), rated({ stars: 3 }))));
  assert.ok(model.saysNothing(null));
  assert.ok(!model.saysNothing(rated({ tags: ['x'] })));
});

test('a text that is no rating is none, and more than a rating has does not come through', () => {
  for (const text of ['', 'null', '{', '[]', '{"v":1}', '{"v":2,"at":"2026-11-20","rater":"a","cell":"b"}', null]) {
    assert.equal(model.parsed(text), null);
  }
  const line = JSON.stringify({ ...rated({ stars: 2 }), more: 1 });
  assert.deepEqual(model.parsed(line), rated({ stars: 2 }));
});

test('badges and sentences say who thinks what', () => {
  const mine = rated({ stars: 4, verdict: 'reject', reasons: ['cut'], notes: [{ t_s: 61.25, text: 'hand' }] });
  assert.equal(model.short(mine), '4★ reject');
  assert.equal(model.long(mine), '4 of 5 stars; reject: cut; 1:01.25 hand');
  assert.equal(model.short(rated({ notes: [{ t_s: 0, text: 'x' }] })), 'note');
  assert.equal(model.summary([mine, rated({ verdict: 'keep' }), rated({})]), '2 raters: keep 1, reject 1, 4★');
  assert.equal(model.summary([]), '');
});

test('a majority is of those who say keep or reject', () => {
  const of = (...verdicts) => model.majority(verdicts.map((verdict) => rated({ verdict })));
  assert.equal(of('keep', 'keep', 'reject'), 'keep');
  assert.equal(of('keep', 'reject'), 'tie');
  assert.equal(of(null), null);
});

test('the file has a line a rating, the oldest first', () => {
  const later = model.patched(null, { stars: 1 }, { ...WHO, nowMs: WHO.nowMs + 5 });
  assert.equal(model.lines([later, rated({ stars: 2 })]).split('\n').length, 3);
  assert.match(model.lines([later, rated({ stars: 2 })]), /^{"v":1,.*"stars":2/);
});
