/* Looking at one clip where it stands: pointer or focus plays it, its strip scrubs the sheet. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  /** A pointer that only passes by starts no video. */
  const INTENT_MS = 90;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const kept = new Set();
  let looked = null;
  let timer = 0;
  let pointer = 'mouse';

  const indexOf = (node) => {
    const tile = node instanceof Element ? node.closest('.tile') : null;
    return tile ? Number(tile.dataset.index) : null;
  };
  const canPlay = (index) => Boolean(falExp.data.cells[index]?.video_href);

  /** Turn to a cell, or to none: the clip of the one before stops. */
  function lookAt(index) {
    if (index === looked) return;
    leave();
    looked = index;
    if (index === null) return;
    prepare(index);
    falExp.players.hear(index);
    if (!calm.matches) wish(index);
  }

  function leave() {
    clearTimeout(timer);
    if (looked !== null && !kept.has(looked) && !falExp.sync.isOn()) falExp.players.release(looked);
    looked = null;
  }

  /** Give a tile its strip: only the one that is looked at needs it. */
  function prepare(index) {
    const media = falExp.grid.tileOf(index)?.querySelector('.has-strip');
    if (media && !media.querySelector('.strip')) media.append(falExp.tile.strip());
  }

  function wish(index) {
    clearTimeout(timer);
    if (!canPlay(index) || falExp.sync.isOn()) return;
    timer = setTimeout(() => playHere(index), INTENT_MS);
  }

  function playHere(index) {
    const video = falExp.players.acquire(index, { loop: true });
    if (video) falExp.players.play(video);
  }

  /** Play or pause a cell for as long as the person wants: Space, or a tap. */
  function toggle(index) {
    if (!canPlay(index) || falExp.sync.isOn()) return;
    clearTimeout(timer);
    const video = falExp.players.live.get(index);
    if (video && !video.paused) {
      video.pause();
      return;
    }
    kept.add(index);
    prepare(index);
    falExp.players.hear(index);
    playHere(index);
  }

  function forget() {
    leave();
    kept.forEach(falExp.players.release);
    kept.clear();
  }

  function scrub(event, strip) {
    const tile = strip.closest('.tile');
    const { sheet } = falExp.data.cells[Number(tile.dataset.index)];
    const box = strip.getBoundingClientRect();
    const fraction = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const moment = falExp.geometry.momentAt(sheet, fraction);
    const part = falExp.geometry.tileBackground(sheet, moment);
    const still = overlay(tile, sheet);
    still.style.backgroundSize = part.size;
    still.style.backgroundPosition = part.position;
    still.dataset.moment = String(moment);
    strip.style.setProperty('--at', fraction.toFixed(4));
    strip.querySelector('.strip-time').textContent = falExp.geometry.timeLabel(sheet.times_s[moment]);
    tile.classList.add('scrubbed');
  }

  function overlay(tile, sheet) {
    const frame = tile.querySelector('.frame');
    let still = frame.querySelector('.still');
    if (!still) {
      still = el('div', { class: 'still' });
      if (falExp.href.isLocal(sheet.picture.href)) {
        still.style.backgroundImage = `url("${CSS.escape(sheet.picture.href)}")`;
      }
      frame.append(still);
    }
    return still;
  }

  function endScrub(tile) {
    tile.classList.remove('scrubbed');
    tile.querySelector('.still')?.remove();
  }

  function onMove(event) {
    const strip = event.target.closest('.strip');
    if (strip) scrub(event, strip);
  }

  function onOver(event) {
    if (event.pointerType === 'touch') return;
    const index = indexOf(event.target);
    lookAt(index);
    // Not event.target: lookAt may just have put the strip between the pointer and what it met.
    const met = document.elementFromPoint(event.clientX, event.clientY);
    if (met?.closest('.strip')) clearTimeout(timer);
    else if (index !== null && !calm.matches && !falExp.players.live.has(index)) wish(index);
  }

  function onOut(event) {
    const strip = event.target.closest('.strip');
    if (strip && !strip.contains(event.relatedTarget)) endScrub(strip.closest('.tile'));
  }

  function onClick(event) {
    const index = indexOf(event.target);
    if (index === null || event.target.closest('.strip')) return;
    const turn = event.target.closest('[data-turn]');
    if (turn) {
      falExp.fold.turn(index, Number(turn.dataset.turn));
      return;
    }
    if (event.target.closest('[data-own-click]')) return;
    falExp.grid.activate(index);
    const onPicture = event.target.closest('.media') !== null;
    if (pointer === 'touch' && onPicture && canPlay(index)) toggle(index);
    else falExp.drawer.open(index);
  }

  function start() {
    const grid = byId('grid');
    grid.addEventListener('pointerover', onOver);
    grid.addEventListener('pointermove', onMove);
    grid.addEventListener('pointerout', onOut);
    grid.addEventListener('pointerleave', () => lookAt(null));
    grid.addEventListener('pointerdown', (event) => {
      pointer = event.pointerType;
      const index = indexOf(event.target);
      if (index !== null) prepare(index);
      onMove(event);
    });
    grid.addEventListener('click', onClick);
    grid.addEventListener('focusin', (event) => {
      const index = indexOf(event.target);
      if (index === null) return;
      falExp.grid.activate(index);
      if (event.target.matches(':focus-visible')) lookAt(index);
    });
    grid.addEventListener('focusout', () => lookAt(null));
  }

  falExp.hover = { start, toggle, forget, looked: () => looked };
})((globalThis.falExp = globalThis.falExp || {}));
