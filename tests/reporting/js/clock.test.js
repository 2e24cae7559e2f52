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
  one.stop();
  pass(900);
  assert.equal(one.timeS, 1.5);
  one.start();
  one.set(0.25);
  pass(250);
  assert.equal(one.timeS, 0.5);
});

test('a small drift is left alone, a middling one changes the speed, a large one seeks', () => {
  assert.deepEqual(clock.correction(0.01), { seek: false, rate: 1 });
  assert.deepEqual(clock.correction(0.08), { seek: false, rate: 1.08 });
  assert.deepEqual(clock.correction(-0.3), { seek: false, rate: 0.88 });
  assert.deepEqual(clock.correction(-2), { seek: true, rate: 1 });
});

test('corrections bring two clips together', () => {
  for (const start of [0.3, -0.3, 0.1, -0.02]) {
    let drift = start;
    for (let frame = 0; frame < 60 * 5; frame += 1) drift += (1 - clock.correction(drift).rate) / 60;
    assert.ok(Math.abs(drift) < 0.02, `${start} ended at ${drift}`);
  }
});

test('a round lasts as long as the longest clip and a moment more', () => {
  assert.equal(clock.roundS([1.5, 5, NaN, 3]), 5 + clock.HOLD_S);
  assert.equal(clock.roundS([]), clock.HOLD_S);
});
