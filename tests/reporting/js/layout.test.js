'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { layout, filter, hash } = require('./load.js')('hash', 'filter', 'layout');

const column = (key) => ({ key, title: key, preset: key, endpoint: `fal-ai/${key}`, variant: '' });
const batch = {
  columns: ['a', 'b', 'c'].map(column),
  prompts: [
    { id: 'walk', text: 'The knight walks', task: 'image-to-video' },
    { id: 'castle', text: 'Ein Schloß am Morgen', task: 'text-to-video' },
  ],
  rows: [
    { prompt: 0, seed_label: 'seed 1', input: 'plate' },
    { prompt: 0, seed_label: 'seed 2', input: null },
    { prompt: 1, seed_label: 'seed 1', input: null },
  ],
};
const cell = (row, col, state = 'done') => ({
  key: `${row}${col}`, row, column: col, state, state_label: state, run_label: `seed ${row}`,
});
const cells = [cell(0, 0), cell(0, 1, 'failed'), cell(1, 0), cell(1, 1), cell(2, 2)];
const view = (patch = {}) => ({ ...hash.emptyView(), ...patch });
const plan = (patch) => layout.arrange(batch, cells, view(patch));

test('tasks are sections and have only the columns that serve them', () => {
  const { sections, shown } = plan();
  assert.equal(shown, 5);
  assert.deepEqual(sections.map((s) => [s.task, s.columns]), [['image-to-video', [0, 1]], ['text-to-video', [2]]]);
});

test('a cell that is filtered away leaves its place, a cell that never was is another matter', () => {
  const { sections } = plan({ states: new Set(['failed']) });
  assert.deepEqual(sections[0].groups[0].rows[0].cells, [0, layout.FILTERED]);
  const sparse = layout.arrange(batch, cells.slice(1), view());
  assert.deepEqual(sparse.sections[0].groups[0].rows[0].cells, [layout.NO_CELL, 0]);
});

test('rows and columns with nothing to show are left out', () => {
  const { sections, shown } = plan({ query: 'failed' });
  assert.equal(shown, 1);
  assert.deepEqual(sections.map((s) => s.columns), [[1]]);
  assert.equal(sections[0].groups[0].rows.length, 1);
});

test('every word must occur, in any case and any form of letter', () => {
  assert.equal(plan({ query: 'KNIGHT ｓｅｅｄ' }).shown, 4);
  assert.equal(plan({ query: 'schloß fal-ai/c' }).shown, 1);
  assert.equal(plan({ query: 'knight castle' }).shown, 0);
});

test('hidden presets and prompts hide their cells', () => {
  assert.equal(plan({ presets: new Set(['a']) }).shown, 3);
  assert.equal(plan({ prompts: new Set(['walk']) }).shown, 1);
});

test('a filter is active when it is more than blanks', () => {
  assert.equal(filter.isActive(view({ query: '  ' })), false);
  assert.equal(filter.isActive(view({ states: new Set(['x']) })), true);
});

test('arrows go to neighbours, stop at edges and cross from task to task', () => {
  const all = plan();
  const go = (from, direction) => layout.move(all, from, direction);
  assert.equal(go(0, 'right'), 1);
  assert.equal(go(1, 'right'), 1);
  assert.equal(go(1, 'down'), 3);
  assert.equal(go(2, 'down'), 4);
  assert.equal(go(4, 'down'), 4);
  assert.equal(go(4, 'up'), 3);
  assert.equal(go(0, 'up'), 0);
  assert.equal(go(3, 'home'), 2);
  assert.equal(go(2, 'end'), 3);
  assert.equal(go(3, 'first'), 0);
  assert.equal(go(0, 'last'), 4);
});

test('reading order is left to right, top to bottom', () => {
  assert.deepEqual(layout.order(plan()), [0, 1, 2, 3, 4]);
});
