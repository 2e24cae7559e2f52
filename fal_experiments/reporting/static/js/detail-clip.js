/* The clip of a cell in the drawer: why there is none, the player, its moments, its sound. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const { part, facts, meaningOf } = falExp.lines;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const LOUD = ['loudness_lufs', 'loudness_range_lu', 'true_peak_dbtp', 'silence_share'];

  function absence(cell) {
    if (cell.state === 'done') return null;
    return el('div', { class: `verdict tone-${cell.tone}` }, falExp.tile.stateIcon(cell),
      el('div', {}, el('strong', {}, cell.state_label),
        cell.reason && el('p', { dir: 'auto' }, cell.reason)));
  }

  function player(cell) {
    if (!cell.video_href && !cell.poster) return null;
    if (!cell.video_href) return el('img', { class: 'stage', src: cell.poster.href, alt: 'Poster of the clip' });
    const video = el('video', {
      class: 'stage', src: cell.video_href, poster: cell.poster?.href, controls: true, loop: true,
      playsinline: true, preload: 'auto', width: cell.poster?.width_px, height: cell.poster?.height_px,
    });
    video.muted = !falExp.players.sound.on;
    if (!calm.matches) falExp.players.play(video);
    return video;
  }

  /** The contact sheet; a click on a picture of it takes the player there. */
  function sheet(cell, video) {
    if (!cell.sheet) return null;
    const { picture, columns, times_s: timesS } = cell.sheet;
    const moments = timesS.map((timeS, index) => {
      const label = falExp.geometry.timeLabel(timeS);
      const shape = el('span', { class: 'moment-picture' });
      const background = falExp.geometry.tileBackground(cell.sheet, index);
      if (falExp.href.isLocal(picture.href)) shape.style.backgroundImage = `url("${CSS.escape(picture.href)}")`;
      shape.style.backgroundSize = background.size;
      shape.style.backgroundPosition = background.position;
      shape.style.aspectRatio = `${cell.sheet.tile_width_px} / ${cell.sheet.tile_height_px}`;
      const button = el('button', { type: 'button', class: 'moment', 'aria-label': `Go to ${label}` },
        shape, el('span', {}, label));
      button.addEventListener('click', () => goTo(video, timeS));
      return button;
    });
    const grid = el('div', { class: 'sheet' }, ...moments);
    grid.style.setProperty('--sheet-columns', String(columns));
    return grid;
  }

  function goTo(video, timeS) {
    if (!video) return;
    video.pause();
    video.currentTime = timeS;
  }

  /** The strip of the sound with where the player stands; a click on it takes the player there. */
  function strip(peaks, video) {
    const wave = falExp.waveform.build(peaks);
    const box = el('div', { class: 'wave' }, wave.node);
    if (!video) return box;
    const follow = () => wave.setPlayed(video.duration ? video.currentTime / video.duration : 0);
    ['timeupdate', 'seeking', 'loadedmetadata'].forEach((event) => video.addEventListener(event, follow));
    box.addEventListener('click', (event) => {
      const { left, width } = box.getBoundingClientRect();
      if (video.duration) goTo(video, ((event.clientX - left) / width) * video.duration);
    });
    return box;
  }

  /** The strip of the sound and how loud it is; nothing for a clip without sound. */
  function sound(detail, video) {
    const lines = (detail.metrics || []).filter((each) => LOUD.includes(each.key)).map((each) => {
      const meaning = meaningOf(each.key);
      return { label: meaning.title, value: `${each.value} ${meaning.unit}`.trim() };
    });
    const peaks = detail.waveform || [];
    if (peaks.length === 0 && lines.length === 0) return null;
    return part('Sound', peaks.length > 0 && strip(peaks, video), lines.length > 0 && facts(lines));
  }

  falExp.clip = { absence, player, sheet, sound };
})((globalThis.falExp = globalThis.falExp || {}));
