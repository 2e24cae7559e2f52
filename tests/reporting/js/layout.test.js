'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { falExp, view, plan } = require('./stage.js')();

const { layout, axes } = falExp;
const rowsOf = (section) => layout.rowsOf(section).map((row) => row.cells);
const keys = (section) => section.columns.map((column) => column.key);

test('tasks are sections and have only the columns that serve them', () => {
  const { sections, shown } = plan();
  assert.equal(shown, 7);
  assert.deepEqual(sections.map((each) => [each.task, each.columns.length]), [['image-to-video', 2], ['text-to-video', 1]]);
});

test('repeats stand in one place, and all of them can be reached', () => {
  const [{ groups: [{ rows: [first] }] }] = plan().sections;
  assert.deepEqual(first.cells, [0, 2]);
  assert.deepEqual([...first.stacks], [[0, [0, 1]]]);
  assert.deepEqual(layout.order(plan()), [0, 1, 2, 3, 4, 5, 6]);
});

test('a cell that is filtered away leaves its place, a cell that never was is another matter', () => {
  const seeds = { rows: ['seed'], columns: ['prompt', 'preset'] };
  const [walk] = plan({ states: new Set(['failed']) }).sections;
  assert.deepEqual(rowsOf(walk), [[0, 2], [3, layout.FILTERED]]);
  const [one] = plan({ layout: { rows: ['preset'], columns: ['seed'] }, query: 'castle' }).sections;
  assert.deepEqual(rowsOf(one), [[6]]);
  assert.deepEqual(rowsOf(plan({ layout: seeds }).sections[1]), [[6]]);
});

test('rows and columns with nothing to show are left out', () => {
  const { sections, shown } = plan({ query: 'flagged' });
  assert.equal(shown, 1);
  assert.deepEqual(sections.map(keys), [['preset=b&axis%3Acfg=0.3']]);
  assert.deepEqual(rowsOf(sections[0]), [[5]]);
});

test('any axis goes to any place', () => {
  const folded = plan({ layout: { rows: ['prompt'], columns: ['preset'], fold: ['seed', 'repeat'] } });
  assert.deepEqual([...folded.sections[0].groups[0].rows[0].stacks], [[0, [0, 1, 3, 4]], [1, [2, 5]]]);
  const turned = plan({ layout: { rows: ['preset', 'repeat'], columns: ['seed'] } });
  assert.deepEqual(rowsOf(turned.sections[0]), [[0, 3], [1, 4], [2, 5]]);
});

test('a page shows one value, the first with cells unless the view names another', () => {
  const pages = { layout: { rows: ['prompt'], columns: ['preset'], pages: ['seed'] } };
  const first = plan(pages);
  assert.deepEqual([first.shown, first.elsewhere], [4, 3]);
  assert.deepEqual(first.turns, [{ axis: 1, place: 'pages', values: [0, 1], current: 0 }]);
  assert.equal(plan({ ...pages, at: { seed: '2' } }).turns[0].current, 1);
  assert.equal(plan({ ...pages, at: { seed: 'nine' } }).turns[0].current, 0);
  assert.equal(plan({ ...pages, hidden: new Set(['seed=1']) }).turns[0].current, 1);
});

test('a cell without a value of a turned axis has a page of its own', () => {
  const { turns } = plan({ layout: { rows: ['prompt'], columns: ['preset'], pages: ['axis:cfg'] }, at: { 'axis:cfg': '' } });
  assert.deepEqual(turns[0], { axis: 4, place: 'pages', values: [0, axes.NONE], current: axes.NONE });
});

test('values follow the order of the view, and a pinned column comes first', () => {
  const ordered = plan({ orders: { preset: [1, 0], seed: [1] } });
  assert.deepEqual(rowsOf(ordered.sections[0]), [[5, 3], [2, 0]]);
  const pinned = plan({ pin: { kind: 'column', key: 'preset=b&axis%3Acfg=0.3' } }).sections[0];
  assert.deepEqual([pinned.columnPinned, keys(pinned)[0]], [true, 'preset=b&axis%3Acfg=0.3']);
});

test('a pinned row leaves its group and stands above', () => {
  const [section] = plan({ pin: { kind: 'row', key: 'prompt=walk&seed=2' } }).sections;
  assert.deepEqual(section.pinnedRow.cells, [3, 5]);
  assert.deepEqual(section.groups.map((group) => group.rows.length), [1]);
  assert.deepEqual(rowsOf(section), [[3, 5], [0, 2]]);
});

test('prompts are bands only where neighbours share one', () => {
  assert.equal(plan().banded, true);
  assert.equal(plan({ layout: { rows: ['seed', 'prompt'], columns: ['preset'] } }).banded, false);
  assert.equal(plan({ layout: { rows: ['seed'], columns: ['preset'], pages: ['prompt'] } }).banded, true);
  assert.equal(plan({ layout: { rows: ['seed'], columns: ['prompt', 'preset'] } }).banded, false);
});

test('arrows go to neighbours, stop at edges and cross from task to task', () => {
  const all = plan();
  const go = (from, direction) => layout.move(all, from, direction);
  assert.deepEqual([go(0, 'right'), go(2, 'right'), go(2, 'down'), go(3, 'down'), go(6, 'down')], [2, 2, 5, 6, 6]);
  assert.deepEqual([go(6, 'up'), go(0, 'up'), go(5, 'home'), go(3, 'end'), go(5, 'first'), go(0, 'last')], [3, 0, 3, 5, 0, 6]);
  assert.equal(go(1, 'down'), 3, 'from under another repeat too');
});

test('where a cell stands can be asked, under others too', () => {
  assert.deepEqual(layout.find(plan(), 4), { section: plan().sections[0], row: plan().sections[0].groups[0].rows[1], column: 0 });
  assert.equal(layout.find(plan({ query: 'castle' }), 0), null);
});

test('ten thousand cells are arranged', () => {
  const axis = (key, count) => ({ key, label: key, values: Array.from({ length: count }, (_, i) => ({ key: `${i}`, label: `${i}` })) });
  const batch = {
    ...falExp.data.batch, axes: [axis('prompt', 1250), axis('preset', 8)], layout: { rows: ['prompt'], columns: ['preset'] },
    prompts: Array.from({ length: 1250 }, (_, i) => ({ id: `${i}`, text: '', task: 't' })),
  };
  const cells = Array.from({ length: 10000 }, (_, i) => ({ key: `${i}`, at: [i >> 3, i & 7], prompt: i >> 3, state: 'done' }));
  const { sections, shown } = layout.arrange(batch, cells, view());
  assert.deepEqual([shown, sections[0].columns.length, sections[0].groups.length], [10000, 8, 1250]);
});
