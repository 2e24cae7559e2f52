'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { sort } = require('./load.js')('href', 'dom', 'sort');

const ordered = (values, direction) => sort.order(values, direction).map((index) => values[index]);

test('numbers go by size and texts by the numbers in them', () => {
  assert.deepEqual(ordered([10, 9, -1], 'ascending'), [-1, 9, 10]);
  assert.deepEqual(ordered(['cell 10', 'cell 9'], 'ascending'), ['cell 9', 'cell 10']);
});

test('what is missing is last, whichever way', () => {
  assert.deepEqual(ordered([null, 2, 1], 'ascending'), [1, 2, null]);
  assert.deepEqual(ordered([null, 2, 1], 'descending'), [2, 1, null]);
});

test('equal values stay as they were', () => {
  assert.deepEqual(sort.order([1, 1, 1], 'descending'), [0, 1, 2]);
});
