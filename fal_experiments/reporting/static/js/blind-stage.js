/* The clips of one ballot: side by side on one clock, seen or not, heard one at a time, zoomed together. */
(function (falExp) {
  'use strict';

  const { byId, el, icon } = falExp.dom;
  const TIMING = { sync: 'absolute', end: 'hold' };
  const LETTERS = ['A', 'B', 'C', 'D'];
  /** Parts of a clip that are counted as seen or not. */
  const PARTS = 20;
  const MOST_ZOOM = 8;
  const clock = new falExp.clock.Clock(() => performance.now());
  const ensemble = new falExp.ensemble.Ensemble(clock);
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const view = { scale: 1, x: 0, y: 0 };
  let panes = [];
  let isPlaying = false;
  let heard = null;
  let onSeen = () => {};

  falExp.players = { play: (video) => video.play().catch(() => {}) };

  const whole = { get lengthS() { return falExp.kernel.lengthS(panes.map((pane) => pane.follower.strip), TIMING); } };

  /** Show clips, from their beginning. `answers` gives what stands below each. */
  function show(clips, answers, seen) {
    clear();
    onSeen = seen;
    panes = clips.map((clip, index) => makePane(clip, index, answers(index)));
    panes.forEach((pane, index) => ensemble.followers.set(index, pane.follower));
    byId('panes').replaceChildren(...panes.map((pane) => pane.figure));
    byId('panes').dataset.count = String(clips.length);
    const shape = Math.max(...clips.map((clip) => clip.width_px / clip.height_px));
    byId('panes').style.setProperty('--shape', String(shape));
    byId('panes').dataset.shape = shape < 1 ? 'tall' : 'wide';
    byId('sound').hidden = !clips.some((clip) => clip.has_sound);
    hear(null);
    zoomTo(1, 0, 0);
    clock.set(0);
    if (calm.matches) pause();
    else play();
  }

  function makePane(clip, index, answers) {
    const video = el('video', {
      src: clip.file, preload: 'auto', playsinline: true, width: clip.width_px, height: clip.height_px,
      'aria-label': `Clip ${LETTERS[index]}`,
    });
    video.muted = true;
    const meter = el('progress', { class: 'seen', max: PARTS, value: 0, 'aria-label': `How much of clip ${LETTERS[index]} you have seen` });
    const window = el('div', { class: 'window' }, video, el('span', { class: 'letter', 'aria-hidden': 'true' }, LETTERS[index]));
    const figure = el('figure', { class: 'pane' }, window, meter, el('div', { class: 'answers' }, ...answers));
    const strip = { fps: clip.fps, period: null, offsetS: 0, durationS: clip.duration_s };
    const follower = new falExp.follower.Follower(video, strip);
    follower.placeAt = (nowMs) => falExp.kernel.place(strip, clock.timeAt(nowMs), TIMING, whole);
    const pane = { figure, window, video, meter, follower, parts: new Set(), isBroken: false };
    video.addEventListener('error', () => broken(pane));
    video.addEventListener('timeupdate', () => notice(pane));
    window.addEventListener('click', () => !wasDragged && toggle());
    return pane;
  }

  function broken(pane) {
    pane.isBroken = true;
    pane.window.append(el('p', { class: 'broken' }, 'This clip cannot be played here. Skip this ballot.'));
    onSeen();
  }

  /** Note the parts of a clip that the frame on the screen belongs to. */
  function notice(pane) {
    const { durationS, fps } = pane.follower.strip;
    const part = (timeS) => Math.min(PARTS - 1, Math.floor((timeS / durationS) * PARTS + 1e-6));
    const { currentTime } = pane.video;
    const before = pane.parts.size;
    for (let at = part(currentTime); at <= part(currentTime + 0.5 / fps); at += 1) pane.parts.add(at);
    if (pane.parts.size === before) return;
    pane.meter.value = pane.parts.size;
    onSeen();
  }

  const seen = () => panes.map((pane) => pane.parts.size / PARTS);
  const isAnyBroken = () => panes.some((pane) => pane.isBroken);

  function clear() {
    ensemble.stand();
    ensemble.followers.clear();
    for (const { video } of panes) {
      video.removeAttribute('src');
      video.load();
    }
    panes = [];
  }

  async function play() {
    setPlaying(true);
    if (clock.timeS >= whole.lengthS) clock.set(0);
    if (await ensemble.begin()) requestAnimationFrame(() => tick(ensemble.turn));
  }

  function tick(mine) {
    if (mine !== ensemble.turn || !isPlaying) return;
    if (clock.timeS >= whole.lengthS + falExp.kernel.HOLD_S) {
      clock.set(0);
      play();
      return;
    }
    ensemble.drive();
    panes.forEach(notice);
    showTime();
    requestAnimationFrame(() => tick(mine));
  }

  function pause() {
    setPlaying(false);
    ensemble.stand();
    showTime();
  }

  const toggle = () => (isPlaying ? pause() : play());

  function restart() {
    clock.stop();
    clock.set(0);
    play();
  }

  function seek(timeS) {
    if (isPlaying) setPlaying(false);
    clock.stop();
    clock.set(Math.min(Math.max(0, timeS), whole.lengthS));
    ensemble.stand();
    showTime();
  }

  const step = (steps) => seek(falExp.kernel.steppedS(panes.map((pane) => pane.follower.strip), clock.timeS, steps, TIMING, whole));

  function setPlaying(now) {
    isPlaying = now;
    byId('play').replaceChildren(icon(now ? 'pause' : 'play'));
    byId('play').setAttribute('aria-label', now ? 'Pause' : 'Play');
  }

  function showTime() {
    const length = whole.lengthS;
    byId('time').textContent = `${Math.min(clock.timeS, length).toFixed(1)} / ${length.toFixed(1)} s`;
    byId('scrub').value = String(length > 0 ? Math.round((1000 * Math.min(clock.timeS, length)) / length) : 0);
  }

  /** Let one clip be heard, or none. */
  function hear(index) {
    heard = index;
    panes.forEach((pane, at) => {
      pane.video.muted = at !== index;
      pane.figure.classList.toggle('heard', at === index);
    });
    const name = index === null ? 'Sound off' : `You hear ${LETTERS[index]}`;
    byId('sound').replaceChildren(icon(index === null ? 'mute' : 'sound'), name);
  }

  const hearNext = () => hear(heard === null ? 0 : heard + 1 < panes.length ? heard + 1 : null);

  function zoomTo(scale, x, y) {
    view.scale = Math.min(MOST_ZOOM, Math.max(1, scale));
    const room = (view.scale - 1) / 2;
    view.x = Math.min(room, Math.max(-room, x));
    view.y = Math.min(room, Math.max(-room, y));
    for (const { video } of panes) {
      video.style.transform = view.scale === 1 ? '' : `translate(${view.x * 100}%, ${view.y * 100}%) scale(${view.scale})`;
    }
    byId('zoom').textContent = `${Math.round(view.scale * 100)} %`;
  }

  const zoomBy = (factor) => zoomTo(view.scale * factor, view.x * factor, view.y * factor);

  let wasDragged = false;
  let dragged = null;

  function onWheel(event) {
    if (!event.target.closest('.window')) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1.25 : 0.8);
  }

  function onDown(event) {
    const frame = event.target.closest('.window');
    wasDragged = false;
    if (frame && view.scale > 1) dragged = { x: event.clientX, y: event.clientY, from: { ...view }, box: frame.getBoundingClientRect() };
  }

  function onMove(event) {
    if (!dragged) return;
    const { from, box } = dragged;
    wasDragged = wasDragged || Math.hypot(event.clientX - dragged.x, event.clientY - dragged.y) > 4;
    if (wasDragged) zoomTo(from.scale, from.x + (event.clientX - dragged.x) / box.width, from.y + (event.clientY - dragged.y) / box.height);
  }

  function start() {
    const area = byId('panes');
    area.addEventListener('wheel', onWheel, { passive: false });
    area.addEventListener('pointerdown', onDown);
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', () => { dragged = null; });
    byId('play').addEventListener('click', toggle);
    byId('restart').addEventListener('click', restart);
    byId('back').addEventListener('click', () => step(-1));
    byId('on').addEventListener('click', () => step(1));
    byId('sound').addEventListener('click', hearNext);
    byId('zoom').addEventListener('click', () => (view.scale > 1 ? zoomTo(1, 0, 0) : zoomBy(2)));
    byId('scrub').addEventListener('input', (event) => seek((Number(event.target.value) / 1000) * whole.lengthS));
    document.addEventListener('visibilitychange', () => document.hidden && isPlaying && pause());
  }

  falExp.stage = {
    LETTERS, start, show, clear, toggle, restart, step, hearNext, zoomBy, seen, isAnyBroken,
    resetZoom: () => zoomTo(1, 0, 0),
  };
})((globalThis.falExp = globalThis.falExp || {}));
