/* Play all in sync: the clips in view follow one clock, wait for the longest, start again together. */
(function (falExp) {
  'use strict';

  const { byId, icon, settle } = falExp.dom;
  const TIMING = { sync: 'absolute', end: 'hold' };
  const clock = new falExp.clock.Clock(() => performance.now());
  const ensemble = new falExp.ensemble.Ensemble(clock);
  const inView = new Set();
  /** @type {'off'|'paused'|'playing'} */
  let mode = 'off';
  let observer = null;

  const isOn = () => mode !== 'off';
  const whole = { get lengthS() { return falExp.kernel.lengthS(ensemble.all.map((f) => f.strip), TIMING); } };

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
    if (mode === 'paused') ensemble.stand();
  });

  /** Take in the clips in view, let the others go. */
  function join() {
    const all = wanted();
    const now = new Set(all.slice(0, falExp.players.MAX_LIVE));
    for (const index of [...falExp.players.live.keys()]) if (!now.has(index)) falExp.players.release(index);
    for (const index of [...ensemble.followers.keys()]) if (!now.has(index)) ensemble.followers.delete(index);
    for (const index of now) {
      falExp.players.pinned.add(index);
      enrol(index, falExp.players.acquire(index, { loop: false }));
    }
    falExp.notice.set(all.length > now.size
      ? `${now.size} of the ${all.length} clips in view play together` : '');
  }

  function enrol(index, video) {
    if (!video || ensemble.followers.get(index)?.video === video) return;
    const { fps = 0 } = falExp.data.cells[index];
    const strip = { fps, period: null, offsetS: 0, get durationS() { return video.duration || 0; } };
    const follower = new falExp.follower.Follower(video, strip);
    follower.placeAt = (nowMs) => falExp.kernel.place(strip, clock.timeAt(nowMs), TIMING, whole);
    ensemble.followers.set(index, follower);
  }

  async function begin() {
    join();
    if (await ensemble.begin()) requestAnimationFrame(() => tick(ensemble.turn));
  }

  function tick(mine) {
    if (mine !== ensemble.turn || mode !== 'playing') return;
    if (whole.lengthS > 0 && clock.timeS >= whole.lengthS + falExp.kernel.HOLD_S) {
      clock.set(0);
      begin();
      return;
    }
    ensemble.drive();
    showTime();
    requestAnimationFrame(() => tick(mine));
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
    setMode('paused');
    ensemble.stand();
  }

  function restart() {
    clock.stop();
    clock.set(0);
    play();
  }

  function stop() {
    ensemble.stand();
    ensemble.followers.clear();
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
    const total = whole.lengthS;
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
