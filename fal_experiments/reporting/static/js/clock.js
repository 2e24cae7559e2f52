/* Arithmetic of synced playing: one clock, and what each clip does to keep to it. */
(function (falExp) {
  'use strict';

  /** Below this a person sees no difference between two clips: a third of a frame at 24 fps. */
  const CLOSE_ENOUGH_S = 0.014;
  /** From here on a changed speed would take too long to catch up. */
  const SEEK_FROM_S = 0.35;
  const MAX_NUDGE = 0.12;
  /** How long the last frames stand before the next round. */
  const HOLD_S = 0.5;

  /** A clock that can be started, stopped and set. `nowMs` is its source of time. */
  class Clock {
    constructor(nowMs) {
      this.nowMs = nowMs;
      this.offsetS = 0;
      this.startedMs = null;
    }

    get isRunning() {
      return this.startedMs !== null;
    }

    get timeS() {
      return this.offsetS + (this.isRunning ? (this.nowMs() - this.startedMs) / 1000 : 0);
    }

    start() {
      if (!this.isRunning) this.startedMs = this.nowMs();
    }

    stop() {
      this.offsetS = this.timeS;
      this.startedMs = null;
    }

    set(timeS) {
      this.offsetS = timeS;
      if (this.isRunning) this.startedMs = this.nowMs();
    }
  }

  /**
   * Return what a clip does that is `driftS` behind the clock (negative: ahead of it).
   * @returns {{seek: boolean, rate: number}}
   */
  function correction(driftS) {
    if (Math.abs(driftS) >= SEEK_FROM_S) return { seek: true, rate: 1 };
    if (Math.abs(driftS) <= CLOSE_ENOUGH_S) return { seek: false, rate: 1 };
    return { seek: false, rate: 1 + Math.min(MAX_NUDGE, Math.max(-MAX_NUDGE, driftS)) };
  }

  /** @returns {number} seconds of one round: the longest clip, then its last frame for a moment */
  function roundS(durationsS) {
    return Math.max(0, ...durationsS.filter(Number.isFinite)) + HOLD_S;
  }

  falExp.clock = { Clock, correction, roundS, HOLD_S };
})((globalThis.falExp = globalThis.falExp || {}));
