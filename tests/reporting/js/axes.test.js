'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { falExp, view } = require('./stage.js')();

const { axes } = falExp;
const { batch } = falExp.data;

test('every axis has one place, whatever an address says', () => {
  const places = axes.placement(batch, { rows: ['preset', 'preset', 'nonsense'], columns: ['preset', 'seed'] });
  assert.deepEqual(places, { rows: ['preset', 'prompt'], columns: ['seed', 'axis:cfg'], pages: [], cycle: [], fold: ['repeat'] });
  assert.deepEqual(axes.placement(batch, null), { ...batch.layout, pages: [], cycle: [] });
});

test('an axis moves to another place, or within its own', () => {
  const places = axes.placement(batch, null);
  assert.deepEqual(axes.moved(places, 'seed', 'columns', 0).columns, ['seed', 'preset', 'axis:cfg']);
  assert.deepEqual(axes.moved(places, 'prompt', 'rows', 1).rows, ['seed', 'prompt']);
  assert.equal(axes.placeOf(axes.moved(places, 'repeat', 'cycle'), 'repeat'), 'cycle');
});

test('an order names some values, the others follow', () => {
  const preset = batch.axes[3];
  assert.deepEqual(axes.ordered(preset, view({ orders: { preset: [2, 99, 2] } })), [2, 0, 1]);
  assert.deepEqual(axes.reordered(preset, view(), 0, 2), [1, 2, 0]);
  assert.deepEqual(axes.reordered(preset, view(), 2, 0), [2, 0, 1]);
});

test('two lines change places by the outermost axis in which they differ', () => {
  const line = (preset, seed) => [[3, preset], [1, seed]];
  assert.deepEqual(axes.swapped(batch, view(), line(0, 0), line(0, 1)), { seed: [1, 0] });
  assert.deepEqual(axes.swapped(batch, view(), line(0, 1), line(1, 0)), { preset: [1, 0, 2] });
  assert.equal(axes.swapped(batch, view(), line(0, 1), line(0, 1)), null);
  assert.equal(axes.swapped(batch, view(), line(-1, 1), line(0, 1)), null);
});

test('an order is short in the address and nonsense in it is left out', () => {
  assert.equal(axes.writeOrder([3, 0, 1, 2, 5]), '3,0-2,5');
  assert.deepEqual(axes.readOrder('3,0-2,5'), [3, 0, 1, 2, 5]);
  assert.deepEqual(axes.readOrder('x,9-2,-1,,0-123456,7'), [7]);
});
