'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { kernel } = require('./load.js')('kernel');

const clip = (durationS, more = {}) => ({ durationS, fps: 24, period: null, offsetS: 0, ...more });
const still = clip(0, { fps: 0 });

/** Where each clip is at a moment: `1.5`, or the state where it does not play. */
function at(strips, timeS, timing) {
  const whole = { lengthS: kernel.lengthS(strips, timing), cycleS: kernel.cycleS(strips) };
  return strips.map((strip) => {
    const { atS, state } = kernel.place(strip, timeS, timing, whole);
    return state === 'plays' ? Math.round(atS * 1000) / 1000 : state;
  });
}

test('on one clock a shorter clip holds, begins again or is blank, as chosen; a picture stands', () => {
  const strips = [clip(4), clip(1.5), still];
  assert.deepEqual(at(strips, 1.25, { sync: 'absolute', end: 'hold' }), [1.25, 1.25, 'still']);
  assert.deepEqual(at(strips, 2, { sync: 'absolute', end: 'hold' }), [2, 'held', 'still']);
  assert.deepEqual(at(strips, 3.5, { sync: 'absolute', end: 'loop' }), [3.5, 0.5, 'still']);
  assert.deepEqual(at(strips, 2, { sync: 'absolute', end: 'blank' }), [2, 'blank', 'still']);
  assert.equal(kernel.lengthS(strips, { sync: 'absolute', end: 'hold' }), 4);
});

test('in percent all clips begin and end together', () => {
  const strips = [clip(4), clip(1.5)];
  assert.deepEqual(at(strips, 2, { sync: 'percent', end: 'blank' }), [2, 0.75]);
  assert.deepEqual(at(strips, 4, { sync: 'percent', end: 'blank' }), ['held', 'held']);
});

test('an offset moves a clip ahead or back, and the round ends with the last of them', () => {
  const strips = [clip(4), clip(3, { offsetS: 1 }), clip(2, { offsetS: -3 })];
  const timing = { sync: 'offset', end: 'hold' };
  assert.equal(kernel.lengthS(strips, timing), 5);
  assert.deepEqual(at(strips, 1.5, timing), [1.5, 2.5, 'before']);
  assert.deepEqual(at(strips, 4.5, timing), ['held', 'held', 1.5]);
  assert.deepEqual(at(strips, 1.5, { sync: 'offset', end: 'blank' })[2], 'blank');
  assert.deepEqual(at(strips, 1.5, { sync: 'absolute', end: 'hold' }), [1.5, 1.5, 1.5]);
});

test('in phase every loop takes as long as the longest, and a clip without one runs on the clock', () => {
  const strips = [clip(4, { period: [0.5, 1.5] }), clip(4, { period: [1, 3] }), clip(3)];
  const timing = { sync: 'phase', end: 'hold' };
  assert.equal(kernel.lengthS(strips, timing), 4);
  assert.deepEqual(at(strips, 1, timing), [1, 2, 1]);
  assert.deepEqual(at(strips, 2.5, timing), [0.75, 1.5, 2.5]);
  assert.equal(kernel.lengthS([clip(4, { period: [0.5, 1.5] })], timing), 1);
  assert.equal(kernel.lengthS([clip(3)], timing), 3);
});

test('a small drift is left alone, a middling one changes the speed, who is far ahead waits, who is lost jumps', () => {
  assert.deepEqual(kernel.correction(0.005), { seek: false, nudge: 1 });
  assert.deepEqual(kernel.correction(0.05), { seek: false, nudge: 1.1 });
  assert.deepEqual(kernel.correction(-0.1), { seek: false, nudge: 0.6 });
  assert.deepEqual(kernel.correction(-0.3), { seek: false, nudge: 0 });
  assert.deepEqual(kernel.correction(0.5), { seek: false, nudge: 1.25 });
  assert.deepEqual(kernel.correction(-2), { seek: true, nudge: 1 });
  assert.deepEqual(kernel.correction(2), { seek: true, nudge: 1 });
});

test('corrections bring two clips within half a redraw and never swing', () => {
  for (const start of [0.9, -0.9, 0.1, -0.02]) {
    let drift = start;
    for (let redraw = 0; redraw < 60 * 5; redraw += 1) {
      const next = drift + (1 - kernel.correction(drift).nudge) / 60;
      assert.ok(Math.sign(next) === Math.sign(start) && Math.abs(next) <= Math.abs(drift));
      drift = next;
    }
    assert.ok(Math.abs(drift) <= 0.009, `${start} ended at ${drift}`);
  }
});

test('the clock waits for the latest clip, follows what all do, and leaves one that is lost to jump', () => {
  const back = (...lates) => Math.round(kernel.clockErrorS(lates) * 1000) / 1000;
  assert.equal(back(0, 0.02, -0.03), 0);
  assert.equal(back(0, 0.3, -0.1), 0.25);
  assert.equal(back(0.06, 0.07, 0.1), 0.06);
  assert.equal(back(-0.06, -0.1), -0.06);
  assert.equal(back(0, 3, 0.01), 0);
  assert.equal(back(0, 3), 0);
  assert.equal(back(0, -3), 0);
  assert.equal(back(2, 2.1, 0), 2);
  assert.equal(back(3), 3);
});

test('frames are counted from 0 and a seek aims at their middle', () => {
  const strip = clip(2, { fps: 12 });
  assert.deepEqual([0, 1 / 12, 0.99, 2].map((s) => kernel.frameAt(strip, s).frame), [0, 1, 11, 23]);
  assert.equal(kernel.frameAt(strip, 0).count, 24);
  assert.ok(Math.abs(kernel.frameMiddleS(strip, 1 / 12) - 1.5 / 12) < 1e-9);
  assert.ok(Math.abs(kernel.frameMiddleS(strip, 1, -30) - 0.5 / 12) < 1e-9);
  assert.ok(Math.abs(kernel.frameMiddleS(strip, 1, 30) - 23.5 / 12) < 1e-9);
  assert.equal(kernel.frameAt(still, 0), null);
});

test('a step by time is one frame of the fastest clip, there and back, within the round', () => {
  const strips = [clip(2, { fps: 12 }), clip(1, { fps: 30 })];
  const timing = { sync: 'absolute', end: 'hold' };
  const whole = { lengthS: 2, cycleS: 0 };
  let timeS = 0;
  for (let count = 0; count < 7; count += 1) timeS = kernel.steppedS(strips, timeS, 1, timing, whole);
  assert.ok(Math.abs(timeS - 7 / 30) < 1e-9);
  assert.ok(Math.abs(kernel.steppedS(strips, timeS, -10, timing, whole)) < 1e-9);
  assert.ok(Math.abs(kernel.steppedS(strips, 1.99, 10, timing, whole) - 59 / 30) < 1e-9);
});

test('what no player promises to play at is done by seeking', () => {
  assert.deepEqual([1, 0.1, 4, 0.01, 20, -1].map(kernel.canPlayAt), [true, true, true, false, false, false]);
});
