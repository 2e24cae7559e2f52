'use strict';

/* A made-up batch as data-0.js and data-1.js bring it: 2 tasks, 3 presets, 2 seeds, 2 repeats. */

const value = (key, label = key) => ({ key, label });

const batch = {
  batch: 'b', slug: 'b', title: 'b', cells: 9, cellsAChunk: 500, detailsAChunk: 50, madeWith: 'fal-exp',
  axes: [
    { key: 'prompt', label: 'prompt', values: [value('walk'), value('castle')] },
    { key: 'seed', label: 'seed', values: [value('1', 'seed 1'), value('2', 'seed 2')] },
    { key: 'repeat', label: 'repeat', values: [value('1', 'repeat 1'), value('2', 'repeat 2')] },
    { key: 'preset', label: 'preset', values: [value('a', 'Model A'), value('b', 'Model B'), value('c', 'Model C')] },
    { key: 'axis:cfg', label: 'cfg scale', values: [value('0.3', 'cfg scale 0.3')] },
  ],
  presets: ['a', 'b', 'c'].map((key) => ({
    key, title: `Model ${key.toUpperCase()}`, endpoint: `fal-ai/${key}`, seed_note: 'takes seeds', done: '1 of 1', tone: 'good',
  })),
  prompts: [
    { id: 'walk', text: 'The knight walks', task: 'image-to-video' },
    { id: 'castle', text: 'Ein Schloß am Morgen', task: 'text-to-video' },
  ],
  inputs: [],
  states: { done: { label: 'done', tone: 'good' }, failed: { label: 'failed', tone: 'bad' } },
  metrics: [
    { key: 'cost_usd', label: 'cost', unit: 'USD', better: 'lower', places: 3 },
    { key: 'total_s', label: 'time', unit: 's', better: 'lower', places: 1 },
    { key: 'loop_seam', label: 'loop seam', unit: '', better: 'lower', places: 3 },
  ],
  layout: { rows: ['prompt', 'seed'], columns: ['preset', 'axis:cfg'], fold: ['repeat'] },
};

const cell = (at, state, n, more = {}) => ({
  key: at.join(''), at, prompt: at[0], state, n, run_label: `seed ${at[1] + 1}`, cost_label: '', time_label: '', ...more,
});

/* Index: 0-1 repeats of walk/1/a, 2 walk/1/b, 3-4 walk/2/a, 5 walk/2/b, 6 castle/1/c. */
const cells = [
  cell([0, 0, 0, 0, 0], 'done', [0.1, 10, 0.02]),
  cell([0, 0, 1, 0, 0], 'failed', [0.1]),
  cell([0, 0, 0, 1, 0], 'done', [0.5, 40, 0.05]),
  cell([0, 1, 0, 0, 0], 'done', [0.1, 12]),
  cell([0, 1, 1, 0, 0], 'done', [0.1, 14, 0.01]),
  cell([0, 1, 0, 1, 0], 'failed', [null, 30], { reason: 'the input was flagged' }),
  cell([1, 0, 0, 2, -1], 'done', [1.2, 60, 0.3]),
];

module.exports = { batch, cells };
