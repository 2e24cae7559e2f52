/* Several videos on one clock: they stand ready, begin together, and are kept together. */
(function (falExp) {
  'use strict';

  const { median } = falExp.kernel;
  /** After play() was asked for, frames come within this, unless they are slow on purpose. */
  const FIRST_FRAME_WITHIN_MS = 400;
  /** When most clips are this late, it is the machine that is too slow: the clock waits for them. */
  const ALL_LATE_S = 0.3;

  class Ensemble {
    /** @param {Clock} clock */
    constructor(clock) {
      this.clock = clock;
      /** @type {Map<*, Follower>} */
      this.followers = new Map();
      /** Raised by every change of plan, so that an older one knows that it is past. */
      this.turn = 0;
      /** How often the clock had to wait since the last beginning. */
      this.waits = 0;
    }

    get all() {
      return [...this.followers.values()];
    }

    placeNow(follower) {
      return follower.placeAt(this.clock.nowMs());
    }

    /** Stop the clock; every clip shows the frame that belongs to its time. */
    stand() {
      this.turn += 1;
      this.clock.stop();
      this.all.forEach((follower) => follower.stand(this.placeNow(follower).atS));
    }

    /**
     * Begin at the clock's time: every clip stands ready there before the first one moves.
     * @returns {Promise<boolean>} false when something else was asked for meanwhile
     */
    async begin() {
      this.stand();
      this.waits = 0;
      const mine = this.turn;
      await Promise.all(this.all.map((follower) => follower.ready()));
      if (mine !== this.turn) return false;
      const fromS = this.clock.timeS;
      const begun = this.clock.nowMs();
      this.all.forEach((follower) => this.push(follower));
      await this.firstFrames(begun, mine);
      if (mine !== this.turn) return false;
      this.clock.set(this.reached(fromS));
      this.clock.start();
      return true;
    }

    push(follower) {
      const place = this.placeNow(follower);
      const speed = place.rate * this.clock.rate;
      follower.forget();
      follower.speed = this.clock.rate;
      if (place.state !== 'plays' || !falExp.kernel.canPlayAt(speed)) return;
      follower.setRate(speed);
      falExp.players.play(follower.video);
    }

    firstFrames(begunMs, mine) {
      const started = this.all.filter((follower) => !follower.video.paused && follower.knowsFrames);
      return new Promise((resolve) => {
        const look = () => {
          const waited = this.clock.nowMs() - begunMs > FIRST_FRAME_WITHIN_MS;
          if (waited || mine !== this.turn || started.every((follower) => follower.shown)) resolve();
          else requestAnimationFrame(look);
        };
        look();
      });
    }

    /** The time of the clock that most clips have come to: what the start took is nobody's drift. */
    reached(fromS) {
      const nowMs = this.clock.nowMs();
      const times = this.all.filter((follower) => follower.shown).map((follower) => {
        const place = follower.placeAt(nowMs);
        const { mediaS, atMs } = follower.shown;
        return fromS + (mediaS - place.atS) / (place.rate || 1) + ((nowMs - atMs) / 1000) * this.clock.rate;
      });
      return times.length > 0 ? Math.max(fromS, median(times)) : fromS;
    }

    /** Call once a redraw while the clock runs. */
    drive() {
      if (!this.clock.isRunning) return;
      const nowMs = this.clock.nowMs();
      for (const follower of this.all) {
        follower.speed = this.clock.rate;
        follower.drive(nowMs);
      }
      this.waitIfAllAreLate();
    }

    waitIfAllAreLate() {
      const late = this.all.filter((follower) => follower.driftS !== null).map((follower) => follower.smoothS);
      if (late.length < 2 || median(late) < ALL_LATE_S) return;
      this.waits += 1;
      this.clock.set(this.clock.timeS - median(late));
      this.all.forEach((follower) => follower.forget());
    }

    /** @returns {number|null} the largest drift of all, in seconds; null while none is measured */
    worstDriftS() {
      const drifts = this.all.filter((follower) => follower.driftS !== null).map((follower) => Math.abs(follower.driftS));
      return drifts.length > 0 ? Math.max(...drifts) : null;
    }
  }

  falExp.ensemble = { Ensemble };
})((globalThis.falExp = globalThis.falExp || {}));
