/* Geometry: how wide a tile is, how a clip stands in it, which part of a contact sheet is a moment. */
(function (falExp) {
  'use strict';

  const MIN_HEIGHT = 0.4;
  const MAX_HEIGHT = 1.2;
  const DEFAULT_HEIGHT = 9 / 16;
  const MIN_FIT_PX = 168;
  const MAX_FIT_PX = 640;
  /** Where not all columns fit, this much of the next one shows that there are more. */
  const PEEK_PART = 0.4;
  /** On a phone the edge of the next column shows that there is one. */
  const NARROW_PART = 0.74;

  /** @returns {number} the tile width at which the columns fill the page, or plainly go on beyond it */
  function fitTilePx(columns, { pagePx, labelPx, gapPx, isNarrow }) {
    if (isNarrow) return columns < 2 ? pagePx : Math.round(pagePx * NARROW_PART);
    const freePx = pagePx - labelPx;
    const fitPx = Math.floor(freePx / columns - gapPx);
    if (fitPx >= MIN_FIT_PX) return Math.min(MAX_FIT_PX, fitPx);
    const whole = Math.max(1, Math.floor((freePx - (MIN_FIT_PX + gapPx) * PEEK_PART) / (MIN_FIT_PX + gapPx)));
    return Math.max(MIN_FIT_PX, Math.floor((freePx - (whole + 1) * gapPx) / (whole + PEEK_PART)));
  }

  /**
   * Return the height of the boxes of one row, as a part of their width: that of its tallest clip,
   * within bounds, so that captions line up and nothing is cropped.
   */
  function boxHeight(cells) {
    const heights = cells.filter((cell) => cell.poster)
      .map((cell) => cell.poster.height_px / cell.poster.width_px);
    if (heights.length === 0) return DEFAULT_HEIGHT;
    return Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, ...heights));
  }

  /**
   * Return the part of a box that a whole picture fills, in percent of the box.
   * @param {{width_px: number, height_px: number}|undefined} picture
   * @param {number} height  height of the box ÷ its width
   */
  function fit(picture, height) {
    const own = picture ? picture.height_px / picture.width_px : height;
    return own <= height
      ? { width: 100, height: (own / height) * 100 }
      : { width: (height / own) * 100, height: 100 };
  }

  /** @returns {number} index of the sheet's tile at a fraction (0 to 1) of the way across */
  function momentAt(sheet, fraction) {
    const count = sheet.times_s.length;
    return Math.min(count - 1, Math.max(0, Math.floor(fraction * count)));
  }

  /**
   * Return CSS that shows one tile of a sheet in a box of the tile's shape, whatever its size.
   * The gap between tiles follows from the size of the whole.
   */
  function tileBackground(sheet, index) {
    const across = index % sheet.columns;
    const down = Math.floor(index / sheet.columns);
    return {
      size: `${axisSize(sheet.picture.width_px, sheet.tile_width_px)} `
        + axisSize(sheet.picture.height_px, sheet.tile_height_px),
      position: `${axisOffset(sheet.picture.width_px, sheet.tile_width_px, sheet.columns, across)} `
        + axisOffset(sheet.picture.height_px, sheet.tile_height_px, sheet.rows, down),
    };
  }

  function axisSize(wholePx, tilePx) {
    return `${(wholePx / tilePx) * 100}%`;
  }

  /* A percentage in background-position counts the free space: the whole less one tile. */
  function axisOffset(wholePx, tilePx, count, index) {
    if (count < 2 || wholePx <= tilePx) return '0%';
    const gapPx = (wholePx - count * tilePx) / (count - 1);
    return `${((index * (tilePx + gapPx)) / (wholePx - tilePx)) * 100}%`;
  }

  /** @returns {string} `0.33 s` below a minute, `1:05.3` from then on */
  function timeLabel(seconds) {
    if (seconds < 60) return `${seconds.toFixed(2)} s`;
    return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
  }

  falExp.geometry = { fitTilePx, boxHeight, fit, momentAt, tileBackground, timeLabel };
})((globalThis.falExp = globalThis.falExp || {}));
