'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { heights } = require('./load.js')('heights');

test('a window shows the items that it touches', () => {
  const column = new heights.Heights([100, 50, 200, 100]);
  assert.equal(column.totalPx, 450);
  assert.deepEqual(column.between(0, 100), [0, 0]);
  assert.deepEqual(column.between(100, 151), [1, 2]);
  assert.deepEqual(column.between(-50, 9999), [0, 3]);
  assert.deepEqual([column.between(450, 500), column.between(-9, 0), new heights.Heights([]).between(0, 9)], [[0, -1], [0, -1], [0, -1]]);
});

test('a measured height moves what stands below it and nothing else', () => {
  const column = new heights.Heights([100, 50, 200, 100]);
  assert.equal(column.topOf(3), 350);
  column.set(1, 80);
  assert.deepEqual([column.topOf(1), column.topOf(2), column.totalPx], [100, 180, 480]);
  column.set(3, 10);
  assert.equal(column.totalPx, 390);
  assert.deepEqual([...column.measured], [0, 1, 0, 1]);
});

test('every place belongs to the item that covers it, in a long column too', () => {
  const column = new heights.Heights(Array.from({ length: 1250 }, (_, item) => 200 + (item % 7)));
  for (const item of [0, 1, 624, 1249]) {
    assert.equal(column.at(column.topOf(item)), item);
    assert.equal(column.at(column.topOf(item + 1) - 0.5), item);
  }
});

test('gaps stand for what is not drawn, and all together are as high as before', () => {
  const column = new heights.Heights([10, 20, 30, 40, 50]);
  assert.deepEqual(heights.gaps(column, [1, 3]), [10, 30, 50]);
  assert.deepEqual(heights.gaps(column, [0, 1]), [0, 0, 120]);
  assert.deepEqual(heights.gaps(column, []), [150]);
});

test('columns of one width are found by where they stand', () => {
  const window = { fromPx: 0, widthPx: 1000, stepPx: 200, extra: 0 };
  assert.deepEqual(heights.columnsBetween(100, window), [0, 4]);
  assert.deepEqual(heights.columnsBetween(100, { ...window, fromPx: 1900, extra: 1 }), [8, 15]);
  assert.deepEqual(heights.columnsBetween(3, { ...window, extra: 2 }), [0, 2]);
  assert.deepEqual(heights.columnsBetween(100, { ...window, fromPx: 99999 }), [99, 99]);
});
