/* Arithmetic of synced playing: which moment of each clip is due, and what a clip does that is late. */
(function (falExp) {
  'use strict';

  /* wall_timing.py lays the panes of a wall on time by the same rules. */

  /**
   * @typedef {object} Strip  a clip as a stretch of time
   * @property {number} durationS        0: a still picture, or not known yet
   * @property {number} fps              0: not known
   * @property {[number, number]|null} period  the part that repeats, such as one walk cycle
   * @property {number} offsetS          how far this clip is moved ahead, in offset sync
   *
   * @typedef {{sync: 'absolute'|'percent'|'offset'|'phase', end: 'hold'|'loop'|'blank'}} Timing
   *
   * @typedef {object} Place
   * @property {number} atS     moment of the clip
   * @property {number} rate    seconds of the clip in a second of the clock; 0 stands still
   * @property {'plays'|'before'|'held'|'blank'|'still'} state
   */

  /** How long the last frames stand before the next round. */
  const HOLD_S = 0.5;
  /** Nothing is done about less: half the time that a screen of 60 Hz shows one picture. */
  const CLOSE_ENOUGH_S = 0.008;
  /** A changed speed makes good a drift in about this time. */
  const CATCH_UP_S = 0.5;
  const MAX_NUDGE = 0.25;
  /** Who is ahead is braked harder: that costs nothing to decode, and the latest sets the time. */
  const BRAKE_S = 0.25;
  const MAX_BRAKE = 0.5;
  /** Who is so far ahead stands still until the clock has come. */
  const WAIT_FROM_S = 0.125;
  /** Who is farther away than this jumps: it decodes all that lies between, and the others wait. */
  const SEEK_FROM_S = 1;
  /** Sums of thirds of a second must not fall into the frame before. */
  const TINY_S = 1e-4;
  const USUAL_FPS = 24;
  /** What browsers promise to play at; slower and faster is done by seeking. */
  const MIN_RATE = 0.0625;
  const MAX_RATE = 16;

  const moving = (strips) => strips.filter((strip) => strip.durationS > 0);
  const most = (numbers) => Math.max(0, ...numbers);
  const shiftOf = (strip, timing) => (timing.sync === 'offset' ? strip.offsetS || 0 : 0);
  const hasPhase = (strip) => Boolean(strip.period && strip.period[1] > strip.period[0]);

  /** @returns {number} seconds of the clock that one round of all clips takes */
  function lengthS(strips, timing) {
    const clips = moving(strips);
    if (timing.sync !== 'phase') return most(clips.map((s) => s.durationS - shiftOf(s, timing)));
    const roundS = cycleS(strips);
    const plain = most(clips.filter((s) => !hasPhase(s)).map((s) => s.durationS));
    return roundS > 0 ? roundS * Math.max(1, Math.ceil(plain / roundS - TINY_S)) : plain;
  }

  /** @returns {number} the longest loop of those that have one: in phase, all take as long */
  function cycleS(strips) {
    return most(moving(strips).filter(hasPhase).map((s) => s.period[1] - s.period[0]));
  }

  /**
   * Return where a clip is at a moment of the clock.
   * @param {{lengthS: number, cycleS: number}} whole  of all clips together
   * @returns {Place}
   */
  function place(strip, timeS, timing, whole) {
    if (!(strip.durationS > 0)) return { atS: 0, rate: 0, state: 'still' };
    if (timing.sync === 'percent') {
      const rate = whole.lengthS > 0 ? strip.durationS / whole.lengthS : 1;
      return bounded(strip, timeS * rate, rate, 'hold');
    }
    if (timing.sync === 'phase' && hasPhase(strip)) return inPhase(strip, timeS, whole.cycleS);
    return bounded(strip, timeS + shiftOf(strip, timing), 1, timing.end);
  }

  function bounded(strip, atS, rate, end) {
    if (atS < 0) return { atS: 0, rate: 0, state: end === 'blank' ? 'blank' : 'before' };
    if (atS < strip.durationS) return { atS, rate, state: 'plays' };
    if (end === 'loop') return { atS: atS % strip.durationS, rate, state: 'plays' };
    return { atS: lastS(strip), rate: 0, state: end === 'blank' ? 'blank' : 'held' };
  }

  function inPhase(strip, timeS, wholeS) {
    const [start, end] = strip.period;
    const part = (((timeS / wholeS) % 1) + 1) % 1;
    return { atS: start + part * (end - start), rate: (end - start) / wholeS, state: 'plays' };
  }

  /** @returns {number} a moment that surely shows the last frame */
  function lastS(strip) {
    return Math.max(0, strip.durationS - 0.5 / (strip.fps || USUAL_FPS));
  }

  /**
   * Return what a clip does that is `driftS` behind the clock (negative: ahead of it): jump there,
   * or play at `nudge` times its speed for a while; at 0 it stands until the clock has come.
   * @returns {{seek: boolean, nudge: number}}
   */
  function correction(driftS) {
    if (Math.abs(driftS) >= SEEK_FROM_S) return { seek: true, nudge: 1 };
    if (driftS <= -WAIT_FROM_S) return { seek: false, nudge: 0 };
    if (Math.abs(driftS) <= CLOSE_ENOUGH_S) return { seek: false, nudge: 1 };
    const wanted = Math.min(MAX_NUDGE, Math.max(-MAX_BRAKE, driftS / (driftS < 0 ? BRAKE_S : CATCH_UP_S)));
    return { seek: false, nudge: 1 + Math.round(wanted * 100) / 100 };
  }

  /** The clock is never farther ahead of the latest clip: who is on time waits for it. */
  const LEASH_S = 0.05;
  /** When all clips are off by at least this much, it is the clock that is wrong. */
  const ALL_OFF_S = 0.04;
  /** When half of the clips are off by this much, too: the page stood still, or the machine did. */
  const HALF_OFF_S = 0.5;

  /**
   * Return by how much the clock is set back, so that it goes by the clips; less than 0: forward.
   * @param {number[]} lates  how late each is, in seconds of the clock; who is lost jumps, and is not waited for
   */
  function clockErrorS(lates) {
    const sorted = [...lates].sort((a, b) => a - b);
    const halves = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
    const [middle] = halves.sort((a, b) => Math.abs(a) - Math.abs(b));
    if (Math.abs(middle) > HALF_OFF_S) return middle;
    const near = sorted.filter((lateS) => Math.abs(lateS) < SEEK_FROM_S);
    const [least, worst] = [near[0], near[near.length - 1]];
    if (worst > LEASH_S) return Math.max(least, worst - LEASH_S);
    if (least > ALL_OFF_S) return least;
    return worst < -ALL_OFF_S ? worst : 0;
  }

  const canPlayAt = (rate) => rate >= MIN_RATE && rate <= MAX_RATE;

  /** @returns {{frame: number, count: number}|null} null where the rate is not known */
  function frameAt(strip, atS) {
    if (!(strip.fps > 0) || !(strip.durationS > 0)) return null;
    const count = Math.max(1, Math.round(strip.durationS * strip.fps));
    return { frame: Math.min(count - 1, Math.max(0, Math.floor((atS + TINY_S) * strip.fps))), count };
  }

  /** @returns {number} the middle of the frame shown at a moment, `steps` frames on: safe to seek to */
  function frameMiddleS(strip, atS, steps = 0) {
    const found = frameAt(strip, atS);
    if (!found) return Math.min(Math.max(0, atS + steps / USUAL_FPS), lastS(strip));
    return (Math.min(found.count - 1, Math.max(0, found.frame + steps)) + 0.5) / strip.fps;
  }

  /** @returns {number} the time of the clock `steps` frames on, as the fastest clip counts them */
  function steppedS(strips, timeS, steps, timing, whole) {
    const fps = most(moving(strips).map((strip) => {
      const ahead = place(strip, Math.min(timeS, whole.lengthS / 2), timing, whole);
      return (strip.fps || USUAL_FPS) * (ahead.rate || 1);
    })) || USUAL_FPS;
    const frames = Math.max(1, Math.round(whole.lengthS * fps));
    const next = Math.floor((timeS + TINY_S) * fps) + steps;
    return Math.min(frames - 1, Math.max(0, next)) / fps;
  }

  function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    if (sorted.length === 0) return 0;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  falExp.kernel = {
    HOLD_S, USUAL_FPS, lengthS, cycleS, place, hasPhase, lastS, correction, clockErrorS, canPlayAt,
    frameAt, frameMiddleS, steppedS, median,
  };
})((globalThis.falExp = globalThis.falExp || {}));
