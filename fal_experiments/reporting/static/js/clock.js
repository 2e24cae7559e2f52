/* A clock that several clips follow: started, stopped, set, at any speed, backwards too. */
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

  falExp.clock = { Clock };
})((globalThis.falExp = globalThis.falExp || {}));
