/* One video that keeps to a clock: told where to be, it knows which frame it really shows. */
(function (falExp) {
  'use strict';

  const { correction, canPlayAt, frameMiddleS, USUAL_FPS } = falExp.kernel;
  const READY_WITHIN_MS = 4000;
  /** How much of a new measurement counts: single frames are early or late by a redraw. */
  const SMOOTHING = 0.35;
  /** A frame that stays longer than this times its own time is a stall. */
  const STALL = 2;
  /** A seek lands behind by the time that it took; the next one aims ahead by as much. */
  const FIRST_SEEK_S = 0.12;
  const NEAR_END_S = 0.25;
  /** Each change of speed is work for the player. */
  const LEAST_CHANGE = 0.015;

  class Follower {
    /**
     * @param {HTMLVideoElement} video
     * @param {{fps: number, durationS: number}} strip  see kernel.js
     */
    constructor(video, strip) {
      this.video = video;
      this.strip = strip;
      /** @type {(nowMs: number) => Place} where this clip belongs; see kernel.place */
      this.placeAt = () => ({ atS: 0, rate: 0, state: 'still' });
      this.isDriven = false;
      /** The frame on the screen: its own time, and when it came there. */
      this.shown = null;
      /** Seconds behind the clock, as measured when the last frame was presented. */
      this.driftS = null;
      this.smoothS = 0;
      /** Seconds of the clip in a second of the clock. */
      this.rate = 1;
      this.seekS = FIRST_SEEK_S;
      this.lastFrameMs = 0;
      this.wantedS = null;
      this.sentS = null;
      this.onFrame = this.onFrame.bind(this);
      this.knowsFrames = typeof video.requestVideoFrameCallback === 'function';
      video.addEventListener('seeked', () => this.onSeeked());
      if (this.knowsFrames) video.requestVideoFrameCallback(this.onFrame);
    }

    get frameS() {
      return 1 / (this.strip.fps || USUAL_FPS);
    }

    onFrame(_, { mediaTime, expectedDisplayTime }) {
      this.video.requestVideoFrameCallback(this.onFrame);
      // While it jumps, old frames may still come.
      if (this.video.seeking) return;
      this.shown = { mediaS: mediaTime, atMs: expectedDisplayTime };
      this.lastFrameMs = expectedDisplayTime;
      if (this.isDriven && !this.video.paused) this.measure(mediaTime, expectedDisplayTime);
    }

    measure(mediaS, atMs) {
      const place = this.placeAt(atMs);
      if (place.state !== 'plays') return;
      const first = this.driftS === null;
      this.driftS = place.atS - mediaS;
      this.smoothS = first ? this.driftS : this.smoothS + SMOOTHING * (this.driftS - this.smoothS);
    }

    /** See how far it is off, once a redraw while the clock runs. */
    notice(nowMs) {
      this.isDriven = true;
      const { video } = this;
      const place = this.placeAt(nowMs);
      this.rate = place.rate;
      if (place.state !== 'plays') this.driftS = null;
      else if (video.seeking || video.readyState < 2 || (this.knowsFrames && !this.shown)) this.noticeAbsence(place);
      else this.noticeStall(place, nowMs);
    }

    /** Then play, stand, nudge or jump, as its place asks for. */
    act(nowMs) {
      const { video } = this;
      if (video.seeking || video.readyState < 2) return;
      const place = this.placeAt(nowMs);
      if (place.state !== 'plays' || !canPlayAt(place.rate * this.speed)) {
        this.standAt(place);
        return;
      }
      const { seek, nudge } = correction(this.smoothS);
      if (nudge === 0) {
        this.wait(place);
        return;
      }
      if (seek) this.jump(place.atS + this.seekS * place.rate * this.speed);
      this.setRate(place.rate * this.speed * nudge);
      if (video.paused && !(video.ended && this.isNearEnd(place.atS))) falExp.players.play(video);
    }

    /* Ahead of the clock: stands still, and knows by itself when the clock has come. */
    wait(place) {
      this.video.pause();
      this.driftS = place.atS - this.video.currentTime;
      this.smoothS = this.driftS > -this.frameS ? 0 : this.driftS;
    }

    /* To play on from its end, a video begins anew: not wanted when it only came there too early. */
    isNearEnd(atS) {
      return this.strip.durationS - atS < NEAR_END_S;
    }

    /* Without frame callbacks the player's own word counts; with them, a frame that stays too long. */
    noticeStall(place, nowMs) {
      if (!this.knowsFrames) {
        this.measure(this.video.currentTime, nowMs);
        return;
      }
      const stayedS = (nowMs - this.shown.atMs) / 1000;
      if (this.video.paused || stayedS * place.rate * this.speed < STALL * this.frameS) return;
      this.beLate(place.atS - this.shown.mediaS - this.frameS);
    }

    /* It was sent to a moment and no frame came yet: it is late once that moment is over. */
    noticeAbsence(place) {
      if (this.sentS === null) return;
      this.beLate(place.atS - this.sentS - this.frameS);
    }

    beLate(lateS) {
      if (lateS <= 0) return;
      this.driftS = lateS;
      this.smoothS = Math.max(this.smoothS, lateS);
    }

    /* An end that the video is about to reach by itself is left to it. */
    standAt(place) {
      const { video } = this;
      this.driftS = null;
      const nearEnd = place.state === 'held' && this.isNearEnd(video.currentTime);
      if (!video.paused && nearEnd && !video.ended) return;
      if (!video.paused) video.pause();
      if (!(nearEnd && video.ended)) this.goTo(place.atS);
    }

    setRate(rate) {
      const { playbackRate } = this.video;
      if (Math.abs(playbackRate - rate) > LEAST_CHANGE * rate) this.video.playbackRate = rate;
    }

    /** Stop, and show the frame that belongs to a moment of the clip. */
    stand(atS) {
      this.isDriven = false;
      this.forget();
      this.video.pause();
      this.goTo(atS);
    }

    /** Show a moment; while one seek is under way, only the last wish counts. */
    goTo(atS) {
      this.wantedS = frameMiddleS(this.strip, atS);
      if (!this.video.seeking) this.seekToWish();
    }

    seekToWish() {
      if (this.wantedS === null || this.video.readyState === 0) return;
      if (Math.abs(this.video.currentTime - this.wantedS) > this.frameS / 8) this.jump(this.wantedS, false);
      else this.wantedS = null;
    }

    jump(atS, isInPlay = true) {
      if (isInPlay) this.wantedS = null;
      this.askedMs = isInPlay ? performance.now() : null;
      this.video.currentTime = Math.min(atS, Math.max(0, (this.video.duration || atS) - 0.001));
      this.forget(atS);
    }

    onSeeked() {
      if (this.askedMs) this.seekS += 0.5 * ((performance.now() - this.askedMs) / 1000 - this.seekS);
      this.askedMs = null;
      this.seekToWish();
    }

    /** The clock was set back by this much: so much less late is every clip. */
    forgive(lateS) {
      if (this.driftS === null) return;
      this.driftS -= lateS * this.rate;
      this.smoothS -= lateS * this.rate;
    }

    /** @returns {number|null} how late it is in seconds of the clock; null while nothing is known */
    get lateS() {
      return this.driftS === null || !(this.rate > 0) ? null : this.smoothS / this.rate;
    }

    /** What was measured before a jump says nothing of what comes after it. */
    forget(sentS = null) {
      this.sentS = sentS;
      this.driftS = null;
      this.smoothS = 0;
      this.shown = null;
    }

    get isReady() {
      return Boolean(this.video.error) || (this.video.readyState >= 3 && !this.video.seeking && this.wantedS === null);
    }

    /** @returns {Promise<void>} when it can play from where it stands, or has had its time */
    ready() {
      const { video } = this;
      const names = ['canplay', 'seeked', 'error', 'loadedmetadata'];
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(limit);
          names.forEach((name) => video.removeEventListener(name, check));
          resolve();
        };
        const check = () => {
          if (video.readyState > 0) this.seekToWish();
          if (this.isReady) done();
        };
        const limit = setTimeout(done, READY_WITHIN_MS);
        names.forEach((name) => video.addEventListener(name, check));
        check();
      });
    }
  }

  Follower.prototype.speed = 1;

  falExp.follower = { Follower };
})((globalThis.falExp = globalThis.falExp || {}));
