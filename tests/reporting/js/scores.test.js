'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { falExp, view, plan } = require('./stage.js')();

const { scores, pins } = falExp;
const [cost, time, seam] = falExp.data.batch.metrics;

test('numbers are written with their unit', () => {
  assert.deepEqual([0.124, 0.5, 12].map((v) => scores.format(cost, v)), ['$0.124', '$0.50', '$12.00']);
  assert.deepEqual([scores.format(time, 3.14), scores.format(seam, 0.03), scores.format(time, null)], ['3.1 s', '0.030', 'unknown']);
  assert.equal(scores.format({ unit: 'LUFS', places: 1 }, -14), '−14.0 LUFS');
});

test('a delta says in words which is better', () => {
  assert.deepEqual(scores.delta(cost, 0.1, 0.22), { text: '−$0.12', word: 'cheaper', tone: 'good' });
  assert.deepEqual(scores.delta(time, 13.1, 10), { text: '+3.1 s', word: 'slower', tone: 'bad' });
  assert.deepEqual(scores.delta({ ...seam, better: 'higher' }, 0.5, 0.25), { text: '+0.250', word: 'better', tone: 'good' });
  assert.deepEqual(scores.delta({ ...seam, better: 'neither' }, 0.5, 0.25), { text: '+0.250', word: 'higher', tone: 'idle' });
  assert.deepEqual(scores.delta(seam, 0.5, 0.5001), { text: '±0.000', word: 'the same', tone: 'idle' });
  assert.equal(scores.delta(seam, null, 1), null);
});

test('best and worst follow the direction of the metric, ties share, sameness has neither', () => {
  const sets = (metric, values) => Object.values(scores.extremes(metric, values)).map((set) => [...set]);
  assert.deepEqual(sets(seam, [3, 1, null, 1, 5]), [[1, 3], [4]]);
  assert.deepEqual(sets({ better: 'higher' }, [3, 1]), [[0], [1]]);
  assert.deepEqual([sets(seam, [2, 2]), sets(seam, [2, null]), sets({ better: 'neither' }, [1, 2])], [[[], []], [[], []], [[], []]]);
});

test('a median counts what it knows', () => {
  assert.deepEqual(scores.median([3, null, 1, 2]), { value: 2, known: 3, all: 4 });
  assert.deepEqual(scores.median([4, 1]), { value: 2.5, known: 2, all: 2 });
  assert.deepEqual(scores.median([null]), { value: null, known: 0, all: 1 });
});

test('bars begin at nothing, histograms hold every value', () => {
  assert.deepEqual(scores.span([3, null, 1]), { low: 1, high: 3, known: 2 });
  assert.equal(scores.span([null]), null);
  assert.equal(scores.part(2, { low: 1, high: 4 }), 0.5);
  assert.equal(scores.part(-5, { low: -10, high: 0 }), 0.5);
  assert.deepEqual(scores.histogram([0, 1, 2, 3, 4, null], { low: 0, high: 4 }, 4), [1, 1, 1, 2]);
  assert.deepEqual(scores.histogram([2, 2], { low: 2, high: 2 }, 2), [2, 0]);
});

test('a place is held against the pinned column of its row, row of its column, or cell', () => {
  const base = (pin, row, column) => {
    const [section] = plan({ pin }).sections;
    return pins.baseOf(view({ pin }), section, falExp.layout.rowsOf(section)[row], column);
  };
  const pinnedColumn = { kind: 'column', key: 'preset=b&axis%3Acfg=0.3' };
  assert.deepEqual([base(pinnedColumn, 0, 1), base(pinnedColumn, 0, 0), base(pinnedColumn, 1, 1)], [2, null, 5]);
  const pinnedRow = { kind: 'row', key: 'prompt=walk&seed=2' };
  assert.deepEqual([base(pinnedRow, 1, 0), base(pinnedRow, 0, 0)], [3, null]);
  const pinnedCell = { kind: 'cell', key: falExp.data.cells[2].key };
  assert.deepEqual([base(pinnedCell, 0, 0), base(pinnedCell, 0, 1)], [2, null]);
  assert.equal(base({ kind: 'cell', key: 'gone' }, 0, 0), null);
});

test('cost, time and the chosen metric are compared, where both are known', () => {
  const [a, , b, c] = falExp.data.cells;
  assert.deepEqual(pins.deltas(a, b, 'loop_seam').map(({ text }) => text), ['−$0.40', '−30.0 s', '−0.030']);
  assert.deepEqual(pins.deltas(c, b, 'loop_seam').map(({ label }) => label), ['cost', 'time']);
});
