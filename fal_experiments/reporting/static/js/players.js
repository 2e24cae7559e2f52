/* The live videos: made on demand, never more than sixteen, given back when not watched. */
(function (falExp) {
  'use strict';

  const MAX_LIVE = 16;

  /** @type {Map<number, HTMLVideoElement>} by cell, the longest unused first */
  const live = new Map();
  const pinned = new Set();
  const sound = { on: false, cell: null };

  /**
   * Return the video of a cell, made and put into its frame if it is not live yet. The longest
   * unused one that nothing pins goes when there are too many; null where all are pinned.
   * @param {{loop: boolean}} options
   */
  function acquire(index, { loop }) {
    let video = live.get(index);
    if (!video) {
      const frame = falExp.grid.frameOf(index);
      if (!frame || !makeRoom()) return null;
      video = make(falExp.data.cells[index].video_href, frame);
    }
    live.delete(index);
    live.set(index, video);
    video.loop = loop;
    hear();
    return video;
  }

  function makeRoom() {
    if (live.size < MAX_LIVE) return true;
    const oldest = [...live.keys()].find((index) => !pinned.has(index));
    if (oldest === undefined) return false;
    release(oldest);
    return true;
  }

  function make(src, frame) {
    const video = falExp.dom.el('video', {
      src, preload: 'auto', playsinline: true, tabindex: -1, 'aria-hidden': 'true',
      disablepictureinpicture: true,
    });
    video.muted = true;
    video.addEventListener('loadeddata', () => video.classList.add('drawn'));
    video.addEventListener('timeupdate', () => mark(video, frame));
    video.addEventListener('error', () => tellUnplayable(frame));
    frame.append(video);
    return video;
  }

  function tellUnplayable(frame) {
    if (frame.parentElement?.querySelector('.unplayable-note') !== null) return;
    frame.after(falExp.dom.el('span', { class: 'unplayable-note' }, 'The clip is missing, or this browser cannot play it'));
  }

  function mark(video, frame) {
    const fraction = video.currentTime / video.duration;
    if (fraction >= 0) frame.parentElement.style.setProperty('--played', fraction.toFixed(4));
  }

  /** Stop a cell's video and free its decoder. */
  function release(index) {
    const video = live.get(index);
    if (!video) return;
    live.delete(index);
    pinned.delete(index);
    video.pause();
    video.parentElement?.parentElement?.style.removeProperty('--played');
    video.remove();
    video.removeAttribute('src');
    video.load();
  }

  /** Play; where the browser wants a gesture before sound, play without it. */
  async function play(video) {
    try {
      await video.play();
    } catch (error) {
      if (error.name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      await video.play().catch(() => video.classList.remove('drawn'));
    }
  }

  /** Sound comes from one clip at a time: the one that a person points at. */
  function hear(cell = sound.cell) {
    sound.cell = cell;
    for (const [index, video] of live) video.muted = !(sound.on && index === sound.cell);
  }

  function toggleSound() {
    sound.on = !sound.on;
    hear();
    return sound.on;
  }

  falExp.players = {
    MAX_LIVE, live, pinned, sound, acquire, release, play, hear, toggleSound,
    releaseAll: () => [...live.keys()].forEach(release),
  };
})((globalThis.falExp = globalThis.falExp || {}));
