'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { clock } = require('./load.js')('clock');

/** A pacer that is looked at every 150 ms, and for how long it saw what. */
function handmade() {
  const one = new clock.Pacer();
  let nowMs = 0;
  return {
    one,
    see: (lateS, dropped, forMs) => {
      for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += 150) one.look(nowMs, lateS, dropped);
      return one.pace;
    },
  };
}

test('a hiccup changes nothing, lasting lateness and many dropped frames do', () => {
  assert.equal(handmade().see(0.2, 0, 300), 1);
  assert.equal(handmade().see(0.2, 0, 600), 0.75);
  assert.equal(handmade().see(0, 0.4, 600), 0.75);
  assert.equal(handmade().see(0.04, 0.1, 60_000), 1);
  assert.equal(handmade().see(9, 1, 600_000), 0.1);
});

test('more is tried with twice the patience after each fall, up to the whole speed', () => {
  const { one, see } = handmade();
  see(0.2, 0, 600);
  assert.equal(see(0, 0, 1800), 0.75);
  assert.equal(see(0, 0, 600), 0.8);
  see(0.2, 0, 600);
  assert.equal(one.patienceMs, 4000);
  assert.equal(see(0, 0, 300_000), 1);
  one.reset();
  assert.equal(one.patienceMs, 1000);
});
