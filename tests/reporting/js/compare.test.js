'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { compareState: states, compareFit: fit } = require('./load.js')('compare-state', 'compare-fit');

const written = (state) => {
  const parameters = new URLSearchParams();
  states.write(state, parameters);
  return parameters.toString();
};
const read = (text) => states.read(new URLSearchParams(text));

test('a comparison comes back from the address, which says only what differs', () => {
  const state = { ...states.of(['a', 'b', 'c']), sync: 'offset', timeS: 1.25, offsets: [0, -0.5, 1], solo: 2, first: 1, second: 2, pixelated: true };
  assert.equal(written(states.of(['a', 'b'])), 'compare=a.b');
  assert.deepEqual(read(written(state)), state);
  assert.equal(written(null), '');
  assert.equal(read('q=walk'), null);
});

test('an address that was tampered with gives a comparison that can be shown', () => {
  const state = read('compare=a.a.b&c-zoom=1e9&c-t=x&c-picture=evil&c-first=7&c-second=-3&c-sound=1.7&c-a=3&c-b=2&c-offsets=1_900');
  assert.deepEqual(state.cells, ['a', 'b']);
  assert.deepEqual([state.zoom, state.timeS, state.picture, state.first, state.second, state.solo], [16, 0, 'grid', 0, 1, 1]);
  assert.deepEqual([state.fromS, state.toS, ...state.offsets], [3, null, 1, 60]);
  assert.equal(read(`compare=${'abcdefghijklmnopqrstuvwxyz'.split('').join('.')}`).cells.length, states.MOST);
});

test('taking a cell out leaves the others what they were', () => {
  const state = { ...states.of(['a', 'b', 'c', 'd']), picture: 'wipe', first: 1, second: 3, solo: 2, offsets: [0, 1, 2, 3] };
  const less = states.without(state, 'a');
  assert.deepEqual([less.cells, less.first, less.second, less.solo, less.offsets], [['b', 'c', 'd'], 0, 2, 1, [1, 2, 3]]);
  const rest = states.without(states.without(less, 'b'), 'c');
  assert.deepEqual([rest.cells, rest.picture, rest.solo], [['d'], 'grid', null]);
});

test('a cell that is made the first of two changes places if it was the second', () => {
  const state = states.pinned(states.of(['a', 'b', 'c']), 'first', 1);
  assert.deepEqual([state.first, state.second], [1, 0]);
  assert.deepEqual([states.pinned(state, 'second', 2).first, states.pinned(state, 'second', 2).second], [1, 2]);
});

test('the best grid follows the shapes and the screen, and scrolls where nothing fits', () => {
  const wide = { widthPx: 1400, heightPx: 700, gapPx: 8, wordsPx: () => 60 };
  const grid = (count, ratio, room = wide) => fit.bestGrid(Array(count).fill(ratio), room).columns;
  assert.deepEqual([2, 4, 9, 16].map((count) => grid(count, 16 / 9)), [2, 2, 3, 6]);
  assert.deepEqual([2, 4].map((count) => grid(count, 9 / 16)), [2, 4]);
  assert.equal(grid(2, 16 / 9, { ...wide, widthPx: 700, heightPx: 1400 }), 1);
  const wraps = { ...wide, heightPx: 800, wordsPx: (columns) => (columns > 3 ? 140 : 60) };
  assert.equal(grid(9, 16 / 9, wraps), 3);
  const phone = fit.bestGrid(Array(9).fill(16 / 9), { widthPx: 340, heightPx: 400, gapPx: 8, wordsPx: () => 60 });
  assert.equal(phone.columns, 1);
  assert.ok(phone.rowPx > 200 && phone.rowPx < 400);
});

test('a zoom keeps the point under the pointer, and no edge comes into the box', () => {
  const one = { zoom: 1, x: 0, y: 0 };
  const in2 = fit.zoomed(one, 2, { x: 0.25, y: 1 });
  assert.deepEqual(in2, { zoom: 2, x: -0.25, y: -1 });
  assert.deepEqual(fit.zoomed(in2, 0.5, { x: 0.9, y: 0 }), one);
  assert.deepEqual(fit.panned(in2, 5, -5), { zoom: 2, x: 0, y: -1 });
  assert.equal(fit.zoomed(in2, 100, { x: 0, y: 0 }).zoom, fit.MOST_ZOOM);
});
