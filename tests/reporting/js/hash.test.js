'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { hash } = require('./load.js')('hash');

test('a view comes back from the address that it was written to', () => {
  const view = {
    query: 'knight & castle #1 + 骑士',
    states: new Set(['failed', 'over_budget']),
    presets: new Set(['kling-v3-pro-i2v', 'a,b&c=d']),
    prompts: new Set(['walk']),
    tilePx: 320,
    cell: 'c0ffee',
  };
  assert.deepEqual(hash.read(hash.write(view)), view);
});

test('the page as it opens has no address of its own', () => {
  assert.equal(hash.write(hash.emptyView()), '');
  assert.deepEqual(hash.read(''), hash.emptyView());
});

test('the same view is always the same address, in whatever order it was made', () => {
  const one = { ...hash.emptyView(), states: new Set(['b', 'a']) };
  const other = { ...hash.emptyView(), states: new Set(['a', 'b']) };
  assert.equal(hash.write(one), hash.write(other));
});

test('sizes that make no sense are brought into bounds or dropped', () => {
  assert.equal(hash.read('#tile=99999').tilePx, hash.MAX_TILE_PX);
  assert.equal(hash.read('#tile=-3').tilePx, hash.MIN_TILE_PX);
  assert.equal(hash.read('#tile=wide').tilePx, null);
});

test('a broken escape does not break the page', () => {
  assert.equal(hash.read('#q=%E0%A4%A').cell, null);
});
