/* A clock that several clips follow, at any speed, backwards too; and the pace at which they can. */
(function (falExp) {
  'use strict';

  /** `nowMs` is its source of time; it must never go back. */
  class Clock {
    constructor(nowMs) {
      this.nowMs = nowMs;
      this.offsetS = 0;
      this.startedMs = null;
      this.rate = 1;
    }

    get isRunning() {
      return this.startedMs !== null;
    }

    get timeS() {
      return this.timeAt(this.nowMs());
    }

    /** @returns {number} what it shows at a moment of its source, such as the next redraw */
    timeAt(nowMs) {
      return this.offsetS + (this.isRunning ? ((nowMs - this.startedMs) / 1000) * this.rate : 0);
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

    /** Go on from where it is at another speed; a negative one goes back. */
    setRate(rate) {
      this.set(this.timeS);
      this.rate = rate;
    }
  }

  const LATE_S = 0.06;
  const ON_TIME_S = 0.03;
  /** Of the frames that were decoded; some are always dropped when a screen is slower than a clip. */
  const MANY_DROPPED = 0.15;
  /** A shorter trouble is a hiccup, and over before a slower pace would help. */
  const LATE_FOR_MS = 300;
  /** So long a slower pace is given to work off what waits. */
  const SETTLE_MS = 700;
  /** So long all must be well before more is tried; twice as long after each fall. */
  const PATIENCE_MS = 1000;
  const MOST_PATIENCE_MS = 16000;
  const SLOWER = 0.75;
  const FASTER = 0.05;
  const LEAST = 0.1;

  /** How fast a machine can play so many clips: slower at once when it falls behind, faster with patience. */
  class Pacer {
    constructor() {
      this.reset();
    }

    reset() {
      /** Part of the wished speed. */
      this.pace = 1;
      this.patienceMs = PATIENCE_MS;
      this.badSinceMs = null;
      this.goodSinceMs = null;
    }

    /**
     * @param {number} nowMs
     * @param {number} lateS   of the latest clip
     * @param {number} dropped part of the frames, lately
     * @returns {number} the pace to go on with
     */
    look(nowMs, lateS, dropped) {
      if (lateS > LATE_S || dropped > MANY_DROPPED) this.bad(nowMs);
      else if (lateS < ON_TIME_S) this.good(nowMs);
      else [this.badSinceMs, this.goodSinceMs] = [null, null];
      return this.pace;
    }

    bad(nowMs) {
      this.goodSinceMs = null;
      this.badSinceMs ??= nowMs;
      if (nowMs - this.badSinceMs < LATE_FOR_MS) return;
      this.badSinceMs = nowMs + SETTLE_MS;
      this.pace = Math.max(LEAST, this.pace * SLOWER);
      this.patienceMs = Math.min(MOST_PATIENCE_MS, this.patienceMs * 2);
    }

    good(nowMs) {
      this.badSinceMs = null;
      this.goodSinceMs ??= nowMs;
      if (this.pace === 1 || nowMs - this.goodSinceMs < this.patienceMs) return;
      this.goodSinceMs = nowMs;
      this.pace = Math.min(1, this.pace + FASTER);
    }
  }

  falExp.clock = { Clock, Pacer };
})((globalThis.falExp = globalThis.falExp || {}));
