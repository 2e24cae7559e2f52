'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const falExp = require('./load.js')('data');

const value = (key, label = key) => ({ key, label });
falExp.loadBatch({
  axes: [
    { key: 'prompt', label: 'Prompt', values: [value('walk')] },
    { key: 'input', label: 'Input', values: [value('plate')] },
    { key: 'preset', label: 'Preset', values: [value('a', 'Model A'), value('b', 'Model B')] },
    { key: 'axis:cfg', label: 'cfg', values: [value('0.3', 'cfg 0.3'), value('0.7', 'cfg 0.7')] },
  ],
  presets: [{ key: 'a', title: 'Model A' }, { key: 'b', title: 'Model B' }],
  prompts: [{ task: 't', id: 'walk', text: 'He walks.' }],
  inputs: [{ key: 'plate' }],
  states: { done: { label: 'done', tone: 'good' }, failed: { label: 'failed', tone: 'bad' } },
  metrics: [{ key: 'cost_usd' }, { key: 'total_s' }, { key: 'duration_s' }],
  cells: 2,
  detailsAChunk: 50,
});
falExp.loadCells([
  {
    key: 'c1', at: [0, 0, 1, 1], prompt: 0, state: 'done', run_label: 'seed 1', n: [0.56, null, 5],
    folder: '../cells/c1/1/', poster: ['poster.jpg', 96, 54], video: '../../media/c1.mp4', proxy: 'proxy.mp4',
    sheet: { f: ['sheet.jpg', 640, 360], grid: [4, 2, 160, 90], t: [0.5, 0.25, 3] },
    fps: 24, frames: 120, period: [1, 2], has_audio: true, deviations: ['duration 5 → 6'],
  },
  { key: 'left-out-1', at: [0, -1, 0, -1], prompt: 0, state: 'failed', run_label: '' },
]);
const { data } = falExp;
const [made, empty] = data.cells;

test('names without a slash are files of the folder, others are links of their own', () => {
  assert.deepEqual(made.poster, { href: '../cells/c1/1/poster.jpg', width_px: 96, height_px: 54 });
  assert.equal(made.proxy_href, '../cells/c1/1/proxy.mp4');
  assert.equal(made.video_href, '../../media/c1.mp4');
});

test('times in even steps are spelt out, and others stand as they are', () => {
  assert.deepEqual(made.sheet.times_s, [0.5, 0.75, 1]);
  assert.deepEqual([made.sheet.columns, made.sheet.rows, made.sheet.tile_width_px], [4, 2, 160]);
  falExp.loadCells([{ key: 'c9', at: [0, 0, 0, 0], prompt: 0, state: 'done', run_label: '',
    sheet: { f: ['../s.jpg', 1, 1], grid: [1, 1, 1, 1], t: [[0, 0.4, 1]] } }]);
  assert.deepEqual(data.cells.pop().sheet.times_s, [0, 0.4, 1]);
});

test('a cell knows its state, its place and its numbers', () => {
  assert.deepEqual([made.state_label, made.tone], ['done', 'good']);
  assert.equal(data.valueOf(made, 'axis:cfg').label, 'cfg 0.7');
  assert.equal(data.valueOf(empty, 'axis:cfg'), null);
  assert.equal(data.valueOf(made, 'var:hero'), null);
  assert.equal(data.presetOf(made).title, 'Model B');
  assert.equal(data.promptOf(empty).text, 'He walks.');
  assert.deepEqual([data.inputOf(made).key, data.inputOf(empty)], ['plate', null]);
  assert.equal(data.number(made, 'cost_usd'), 0.56);
  assert.deepEqual([made.duration_s, made.fps, made.frames, made.period], [5, 24, 120, [1, 2]]);
  for (const key of ['total_s', 'no_such']) assert.equal(data.number(made, key), null);
});

test('a cell without a clip has nothing where a clip would be', () => {
  assert.deepEqual(
    [empty.poster, empty.video_href, empty.sheet, empty.duration_s, empty.period, empty.has_audio],
    [null, null, null, null, null, false],
  );
  assert.deepEqual([empty.reason, empty.cost_label, empty.deviations], ['', '', []]);
});

test('a cell is named by its preset and what varies it', () => {
  assert.equal(data.nameOf(made), 'Model B · cfg 0.7');
  assert.equal(data.nameOf(empty), 'Model A');
  assert.equal(data.isWhole(), true);
});
