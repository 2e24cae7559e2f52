'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { clock } = require('./load.js')('clock');

function handmade() {
  let nowMs = 0;
  return { clock: new clock.Clock(() => nowMs), pass: (ms) => { nowMs += ms; } };
}

test('a clock runs only between start and stop, and can be set', () => {
  const { clock: one, pass } = handmade();
  pass(500);
  assert.equal(one.timeS, 0);
  one.start();
  pass(1500);
  assert.equal(one.timeS, 1.5);
  assert.equal(one.timeAt(2250), 1.75);
  one.stop();
  pass(900);
  assert.equal(one.timeS, 1.5);
  one.start();
  one.set(0.25);
  pass(250);
  assert.equal(one.timeS, 0.5);
});

test('a clock goes on from where it is at another speed, and back', () => {
  const { clock: one, pass } = handmade();
  one.start();
  pass(1000);
  one.setRate(0.5);
  assert.equal(one.timeS, 1);
  pass(1000);
  assert.equal(one.timeS, 1.5);
  one.setRate(-2);
  pass(500);
  assert.equal(one.timeS, 0.5);
});
