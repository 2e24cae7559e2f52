'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { falExp } = require('./stage.js')();
const { csv } = require('./load.js')('csv');

test('fields are quoted where a comma, a quote or a line end would break them', () => {
  assert.deepEqual(['a', 'a,b', 'say "hi"', 'two\nlines', 'two\r\nlines', ''].map(csv.field), [
    'a', '"a,b"', '"say ""hi"""', '"two\nlines"', '"two\r\nlines"', '',
  ]);
  assert.equal(csv.write([['a', null], [1, undefined]]), 'a,\r\n1,\r\n');
});

test('text that a spreadsheet would run is defused, a negative number stays one', () => {
  assert.deepEqual(['=1+1', '+1', '-1', '@a', '\t=1', '=a,"b"'].map(csv.field), [
    "'=1+1", "'+1", "'-1", "'@a", "'\t=1", '"\'=a,""b"""',
  ]);
  assert.equal(csv.field(-0.5), '-0.5');
});

test('a cell is a line with its place, state and numbers; what is unknown is empty', () => {
  const [head, first, second] = csv.table(falExp.data.cells);
  const of = (line) => Object.fromEntries(head.map((name, at) => [name, line[at]]));
  assert.deepEqual(
    ['cell', 'prompt', 'seed', 'preset', 'axis:cfg', 'state', 'cost_usd', 'loop_seam'].map((name) => of(first)[name]),
    ['00000', 'walk', '1', 'a', '0.3', 'done', 0.1, 0.02]);
  assert.equal(of(second).loop_seam, null);
  assert.equal(of(csv.table([falExp.data.cells[6]])[1])['axis:cfg'], null);
});
