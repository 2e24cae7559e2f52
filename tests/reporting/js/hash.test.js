'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { falExp: { hash }, view } = require('./stage.js')();

test('a view comes back from the address that it was written to', () => {
  const one = view({
    query: 'knight & castle #1 + 骑士',
    states: new Set(['failed', 'over_budget']),
    hidden: new Set(['preset=a,b&c=d', 'axis:cfg=0.3', 'prompt=a=b']),
    layout: { rows: ['prompt', 'var:a,b%2C'], columns: ['preset'], pages: ['seed'] },
    orders: { preset: [2, 0, 1] },
    at: { seed: '2', input: '' },
    pin: { kind: 'column', key: 'preset=a&axis%3Acfg=0.3' },
    ranges: { cost_usd: { min: 0.1, max: null, unknown: true }, 'plug-in:x': { min: -1e-7, max: 5, unknown: false } },
    tilePx: 320,
    cell: 'c0ffee',
  });
  assert.deepEqual(hash.read(hash.write(one)), one);
});

test('the page as it opens has no address of its own', () => {
  assert.equal(hash.write(hash.emptyView()), '');
  assert.deepEqual(hash.read(''), hash.emptyView());
});

test('the same view is always the same address, in whatever order it was made', () => {
  assert.equal(hash.write(view({ states: new Set(['b', 'a']) })), hash.write(view({ states: new Set(['a', 'b']) })));
  assert.equal(hash.write(view({ at: { b: '1', a: '2' } })), hash.write(view({ at: { a: '2', b: '1' } })));
});

test('nonsense is brought into bounds or dropped', () => {
  assert.equal(hash.read('#tile=99999').tilePx, hash.MAX_TILE_PX);
  assert.equal(hash.read('#tile=-3').tilePx, hash.MIN_TILE_PX);
  const nonsense = '#tile=wide&q=%E0%A4%A&pin=moon:1&range=x&range=y=a~b&order=z&at=&hide=&cell=';
  assert.deepEqual({ ...hash.read(nonsense), query: '', hidden: new Set() }, hash.emptyView());
});

test('a field has one owner', () => {
  assert.throws(() => hash.register('query', hash.text('other')), /has a field query already/);
});

test('values of fields are compared by what they hold', () => {
  assert.ok(hash.same(new Set(['a', 'b']), new Set(['b', 'a'])));
  assert.ok(hash.same({ a: [1] }, { a: [1] }) && hash.same(null, null));
  assert.ok(!hash.same(new Set(), {}) && !hash.same(null, {}) && !hash.same(new Set(['a']), new Set(['b'])));
});
