/* Several videos on one clock: they stand ready, begin together, and are kept together. */
(function (falExp) {
  'use strict';

  const { median, clockErrorS } = falExp.kernel;
  /** After play() was asked for, frames come within this, unless they are slow on purpose. */
  const FIRST_FRAME_WITHIN_MS = 1500;
  /** A clip that shows nothing for so long is waited for no more. */
  const STUCK_MS = 8000;
  const LOOK_EVERY_MS = 150;
  /** A start costs more than what comes after it, and tells nothing. */
  const FIRST_LOOK_MS = 1000;
  /** Frames are counted over so long. */
  const COUNT_MS = 600;

  class Ensemble {
    /** @param {Clock} clock */
    constructor(clock) {
      this.clock = clock;
      /** @type {Map<*, Follower>} */
      this.followers = new Map();
      /** Raised by every change of plan, so that an older one knows that it is past. */
      this.turn = 0;
      /** Wished for; the clock goes slower when the machine cannot follow. */
      this.speed = 1;
      this.pacer = new falExp.clock.Pacer();
      this.lookedMs = 0;
      this.counted = { ms: 0, total: 0, dropped: 0, part: 0 };
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
      this.setSpeed(this.speed);
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
      this.lookedMs = this.clock.nowMs() + FIRST_LOOK_MS;
      return true;
    }

    push(follower) {
      const place = this.placeNow(follower);
      const speed = place.rate * this.clock.rate;
      follower.forget(place.atS);
      follower.lastFrameMs = this.clock.nowMs();
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
        follower.notice(nowMs);
      }
      this.govern(nowMs);
      this.all.forEach((follower) => follower.act(nowMs));
    }

    /** Set the wished speed; a negative one goes back, by seeking. */
    setSpeed(speed) {
      this.speed = speed;
      this.clock.setRate(speed > 0 ? speed * this.pacer.pace : speed);
    }

    /* The clock goes by the clips; where they are often late, it goes slower. */
    govern(nowMs) {
      const lates = this.all.filter((follower) => follower.lateS !== null && nowMs - follower.lastFrameMs < STUCK_MS)
        .map((follower) => follower.lateS);
      if (lates.length === 0 || this.speed < 0) return;
      const backS = clockErrorS(lates);
      if (backS !== 0) {
        this.clock.set(this.clock.timeS - backS);
        this.all.forEach((follower) => follower.forgive(backS));
      }
      if (nowMs - this.lookedMs < LOOK_EVERY_MS) return;
      this.lookedMs = nowMs;
      const before = this.pacer.pace;
      if (this.pacer.look(nowMs, Math.max(...lates), this.droppedPart(nowMs)) !== before) this.setSpeed(this.speed);
    }

    droppedPart(nowMs) {
      if (nowMs - this.counted.ms < COUNT_MS) return this.counted.part;
      let [total, dropped] = [0, 0];
      for (const { video } of this.all) {
        const quality = video.getVideoPlaybackQuality?.();
        total += quality?.totalVideoFrames ?? 0;
        dropped += quality?.droppedVideoFrames ?? 0;
      }
      const [more, lost] = [total - this.counted.total, dropped - this.counted.dropped];
      this.counted = { ms: nowMs, total, dropped, part: more > 0 && lost > 0 ? lost / more : 0 };
      return this.counted.part;
    }

    /** @returns {number|null} the largest drift of all, in seconds; null while none is measured */
    worstDriftS() {
      const drifts = this.all.filter((follower) => follower.driftS !== null).map((follower) => Math.abs(follower.driftS));
      return drifts.length > 0 ? Math.max(...drifts) : null;
    }
  }

  falExp.ensemble = { Ensemble };
})((globalThis.falExp = globalThis.falExp || {}));
