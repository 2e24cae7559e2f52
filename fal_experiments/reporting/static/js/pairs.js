/* The page that compares batches: each pair plays in sync, one pair at a time. */
(function (falExp) {
  'use strict';

  const TIMING = { sync: 'absolute', end: 'hold' };
  const nowMs = () => performance.now();

  let playing = null;

  /** The two clips of a pair on one clock, over and over. */
  class Pair {
    constructor(article) {
      this.button = article.querySelector('.play-both');
      this.videos = [...article.querySelectorAll('video')];
      this.clock = new falExp.clock.Clock(nowMs);
      this.ensemble = new falExp.ensemble.Ensemble(this.clock);
      this.button.addEventListener('click', () => (playing === this ? stop() : start(this)));
    }

    prepare() {
      if (this.strips) return;
      this.strips = this.videos.map((video) => ({
        durationS: Number(video.dataset.duration), fps: Number(video.dataset.fps), period: null, offsetS: 0,
      }));
      const lengthS = falExp.kernel.lengthS(this.strips, TIMING);
      this.whole = { lengthS, cycleS: 0 };
      this.videos.forEach((video, index) => {
        video.controls = false;
        video.loop = false;
        video.preload = 'auto';
        video.load();
        const follower = new falExp.follower.Follower(video, this.strips[index]);
        follower.placeAt = (atMs) => falExp.kernel.place(this.strips[index], this.clock.timeAt(atMs), TIMING, this.whole);
        this.ensemble.followers.set(index, follower);
      });
    }

    label(isPlaying) {
      this.button.lastElementChild.textContent = isPlaying ? 'Pause both' : 'Play both';
      this.button.firstElementChild.replaceWith(falExp.dom.icon(isPlaying ? 'pause' : 'play'));
      this.button.setAttribute('aria-pressed', String(isPlaying));
    }
  }

  function start(pair) {
    stop();
    playing = pair;
    pair.prepare();
    pair.label(true);
    pair.ensemble.begin();
    requestAnimationFrame(drive);
  }

  function stop() {
    if (!playing) return;
    playing.ensemble.stand();
    playing.label(false);
    playing = null;
  }

  function drive() {
    if (!playing) return;
    const { clock, ensemble, whole } = playing;
    ensemble.drive();
    if (clock.isRunning && clock.timeS > whole.lengthS + falExp.kernel.HOLD_S) {
      clock.stop();
      clock.set(0);
      ensemble.begin();
    }
    requestAnimationFrame(drive);
  }

  function ready() {
    falExp.theme.start();
    for (const article of document.querySelectorAll('.pair')) {
      if (article.querySelectorAll('video').length === 2) new Pair(article);
      else article.querySelector('.play-both').hidden = true;
    }
    document.documentElement.dataset.ready = '';
  }

  addEventListener('DOMContentLoaded', ready);
})((globalThis.falExp = globalThis.falExp || {}));
