'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { falExp, view, plan } = require('./stage.js')();

const { filter, hash } = falExp;
const shown = (patch) => plan(patch).shown;

test('every word must occur, in any case and any form of letter', () => {
  assert.equal(shown({ query: 'KNIGHT ｓｅｅｄ' }), 6);
  assert.equal(shown({ query: 'schloß fal-ai/c' }), 1);
  assert.equal(shown({ query: 'knight castle' }), 0);
});

test('a pattern between slashes is one, and a broken one filters nothing and says why', () => {
  assert.equal(shown({ query: '/^Model [AC]$/m' }), 5);
  assert.equal(shown({ query: '/knight/' }), 6);
  assert.equal(shown({ query: '/KNIGHT/g' }), 0);
  assert.equal(shown({ query: '/(/' }), 7);
  assert.match(filter.parse('/(/').problem, /Unterminated group/);
  assert.equal(filter.parse('a/b /').problem, null);
});

test('hidden values of any axis hide their cells', () => {
  assert.equal(shown({ hidden: new Set(['preset=a']) }), 3);
  assert.equal(shown({ hidden: new Set(['prompt=walk', 'seed=1']) }), 0);
  assert.equal(shown({ hidden: new Set(['preset=nonsense']) }), 7);
});

test('numbers are kept between two ends; a cell without one only where that is asked for', () => {
  const range = (ends) => shown({ ranges: { cost_usd: ends } });
  assert.equal(range({ min: 0.1, max: 0.5 }), 5);
  assert.equal(range({ min: 0.5 }), 2);
  assert.equal(range({ min: 0.5, unknown: true }), 3);
  assert.equal(shown({ ranges: { loop_seam: {} } }), 4);
});

test('a filter of another script takes part, and is named and cleared like the others', () => {
  hash.register('kept', hash.text('kept', null));
  filter.register({
    fields: ['kept'], test: ({ kept }) => kept && ((cell) => cell.key === kept), label: ({ kept }) => kept && 'kept only',
  });
  const kept = { kept: '00000', query: 'knight' };
  assert.equal(shown(kept), 1);
  assert.deepEqual(filter.active(view(kept)).map(({ label }) => label), ['words “knight”', 'kept only']);
  assert.deepEqual({ ...view(kept), ...filter.cleared() }, hash.emptyView());
});

test('what is filtered is said in words, each with its way back', () => {
  const patch = { states: new Set(['failed']), hidden: new Set(['seed=1']), ranges: { cost_usd: { min: 0.1, unknown: true } } };
  const active = filter.active(view(patch));
  assert.deepEqual(active.map(({ label }) => label), ['hidden: failed', 'hidden: 1 of 2 in seed', 'cost from $0.10, unknown too']);
  assert.deepEqual(active.reduce((sofar, { patch: back }) => ({ ...sofar, ...back }), view(patch)), hash.emptyView());
  assert.deepEqual(filter.active(view({ query: '  ' })), []);
});
