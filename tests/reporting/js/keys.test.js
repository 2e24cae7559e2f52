'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');

globalThis.document = globalThis.document || {};
const { keys } = require('./load.js')('memory', 'dom', 'keys');

const press = (key, more = {}) => keys.namesOf({ key, code: '', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });

test('a press has the name under which its key is registered', () => {
  assert.deepEqual(press('c'), ['c']);
  assert.deepEqual(press('C', { shiftKey: true }), ['Shift+C']);
  assert.deepEqual(press(' '), ['Space']);
  assert.deepEqual(press('?', { shiftKey: true }), ['?']);
  assert.deepEqual(press('ArrowLeft', { altKey: true }), ['Alt+ArrowLeft']);
  assert.deepEqual(press('End', { metaKey: true }), ['Ctrl+End']);
});

test('caps lock changes no key', () => {
  assert.deepEqual(press('C'), ['c']);
});

test('a comma with Shift is that key on every layout', () => {
  assert.deepEqual(press('<', { shiftKey: true, code: 'Comma' }), ['<', 'Shift+,']);
  assert.deepEqual(press(';', { shiftKey: true, code: 'Comma' }), [';', 'Shift+,']);
});
