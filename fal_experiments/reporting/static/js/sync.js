/* Play all in sync: the clips in view follow one clock, wait for the longest, start again together. */
(function (falExp) {
  'use strict';

  const { byId, icon, settle } = falExp.dom;
  const READY_WITHIN_MS = 4000;
  const clock = new falExp.clock.Clock(() => performance.now());
  const inView = new Set();
  /** @type {'off'|'paused'|'playing'} */
  let mode = 'off';
  /** Raised by every change of plan, so that an older one knows that it is past. */
  let turn = 0;
  let observer = null;

  const isOn = () => mode !== 'off';
  const videos = () => [...falExp.players.pinned].map((index) => falExp.players.live.get(index)).filter(Boolean);
  const lengthS = () => falExp.clock.roundS(videos().map((video) => video.duration));

  function watch(line) {
    observer = observer || new IntersectionObserver(onView, { threshold: 0.35 });
    line.querySelectorAll('.has-clip').forEach((media) => observer.observe(media));
  }

  function unwatch(line) {
    line.querySelectorAll('.has-clip').forEach((media) => {
      observer.unobserve(media);
      inView.delete(Number(media.parentElement.dataset.index));
    });
  }

  function unwatchAll() {
    observer?.disconnect();
    inView.clear();
  }

  function onView(entries) {
    for (const { target, isIntersecting } of entries) {
      const index = Number(target.parentElement.dataset.index);
      if (isIntersecting) inView.add(index);
      else inView.delete(index);
    }
    if (isOn()) regroup();
  }

  /** The cells that take part: those in view, in reading order, as many as may be live. */
  function wanted() {
    return falExp.layout.order(falExp.grid.state.plan)
      .filter((index) => inView.has(index) && falExp.data.cells[index].video_href);
  }

  const regroup = settle(120, () => {
    if (!isOn()) return;
    join();
    if (mode === 'paused') videos().forEach(settleAtClock);
  });

  /** Take in the clips in view, let the others go. */
  function join() {
    const all = wanted();
    const now = new Set(all.slice(0, falExp.players.MAX_LIVE));
    for (const index of [...falExp.players.live.keys()]) if (!now.has(index)) falExp.players.release(index);
    for (const index of now) {
      falExp.players.pinned.add(index);
      falExp.players.acquire(index, { loop: false });
    }
    falExp.notice.set(all.length > now.size
      ? `${now.size} of the ${all.length} clips in view play together` : '');
  }

  function ready(video) {
    if (video.readyState >= 3 && !video.seeking) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(limit);
        ['canplay', 'seeked', 'error'].forEach((name) => video.removeEventListener(name, check));
        resolve();
      };
      const check = () => {
        if (video.error || (video.readyState >= 3 && !video.seeking)) done();
      };
      const limit = setTimeout(done, READY_WITHIN_MS);
      ['canplay', 'seeked', 'error'].forEach((name) => video.addEventListener(name, check));
    });
  }

  function settleAtClock(video) {
    video.pause();
    const target = Math.min(clock.timeS, (video.duration || 0) - 0.001);
    if (target >= 0 && Math.abs(video.currentTime - target) > 0.03) video.currentTime = target;
  }

  /** Begin a round at the clock's time: every clip stands ready there before the first one moves. */
  async function begin() {
    turn += 1;
    const mine = turn;
    clock.stop();
    join();
    videos().forEach(settleAtClock);
    await Promise.all(videos().map(ready));
    if (mine !== turn || mode !== 'playing') return;
    clock.start();
    videos().forEach(follow);
    requestAnimationFrame(() => tick(mine));
  }

  function tick(mine) {
    if (mine !== turn || mode !== 'playing') return;
    if (videos().length > 0 && clock.timeS >= lengthS()) {
      clock.set(0);
      begin();
      return;
    }
    videos().forEach(follow);
    showTime();
    requestAnimationFrame(() => tick(mine));
  }

  /** Keep one clip to the clock: a small change of speed for a small drift, a seek for a large one. */
  function follow(video) {
    if (mode !== 'playing' || !clock.isRunning || video.seeking || video.readyState < 2) return;
    const targetS = clock.timeS;
    if (targetS >= video.duration) return;
    const { seek, rate } = falExp.clock.correction(targetS - video.currentTime);
    if (seek) video.currentTime = targetS;
    video.playbackRate = rate;
    if (video.paused && !video.ended) falExp.players.play(video);
  }

  function play() {
    if (mode === 'off') {
      falExp.hover.forget();
      clock.set(0);
    }
    setMode('playing');
    begin();
  }

  function pause() {
    turn += 1;
    clock.stop();
    setMode('paused');
    videos().forEach(settleAtClock);
  }

  function restart() {
    clock.stop();
    clock.set(0);
    play();
  }

  function stop() {
    turn += 1;
    clock.stop();
    clock.set(0);
    setMode('off');
    falExp.players.releaseAll();
    falExp.notice.set('');
  }

  function setMode(next) {
    mode = next;
    const playing = mode === 'playing';
    byId('play').firstElementChild.replaceWith(icon(playing ? 'pause' : 'play'));
    byId('play').setAttribute('aria-label', playing ? 'Pause' : 'Play all');
    byId('restart').disabled = !isOn();
    byId('stop').disabled = !isOn();
    document.documentElement.dataset.sync = mode;
    showTime();
  }

  function showTime() {
    const total = lengthS() - falExp.clock.HOLD_S;
    byId('time').textContent = isOn() && total > 0
      ? `${Math.min(clock.timeS, total).toFixed(1)} / ${total.toFixed(1)} s` : 'Play all';
  }

  function start() {
    byId('play').addEventListener('click', () => (mode === 'playing' ? pause() : play()));
    byId('restart').addEventListener('click', restart);
    byId('stop').addEventListener('click', stop);
    document.addEventListener('visibilitychange', () => {
      if (document.hidden && mode === 'playing') pause();
    });
  }

  falExp.sync = {
    start, watch, unwatch, unwatchAll, isOn, play, pause, restart, stop,
    toggle: () => (mode === 'playing' ? pause() : play()),
    mode: () => mode,
  };
})((globalThis.falExp = globalThis.falExp || {}));
