/* Geometry of a comparison: how many columns show most of each picture, and where a zoom leads. */
(function (falExp) {
  'use strict';

  const MOST_ZOOM = 16;
  /** A narrower or lower pane shows nothing worth comparing: then the page scrolls. */
  const MIN_WIDTH_PX = 150;
  const MIN_PICTURE_PX = 96;

  /**
   * Return the number of columns at which the pictures are largest together.
   * @param {number[]} ratios  width ÷ height of each
   * @param {{widthPx: number, heightPx: number, gapPx: number, wordsPx: (columns: number) => number}} room
   *        wordsPx: height of what stands above and below each picture; names wrap in narrow columns
   * @returns {{columns: number, rowPx: number|null}}  rowPx: rows are so high and scroll; null: they fill the room
   */
  function bestGrid(ratios, room) {
    const count = Math.max(1, ratios.length);
    const most = Math.max(1, Math.min(count, Math.floor((room.widthPx + room.gapPx) / (MIN_WIDTH_PX + room.gapPx))));
    let best = null;
    for (let columns = 1; columns <= most; columns += 1) {
      const area = areaWith(columns, ratios, room);
      if (area > 0 && (!best || area > best.area)) best = { columns, area, rowPx: null };
    }
    return best ? { columns: best.columns, rowPx: null } : scrolling(ratios, room, most);
  }

  function areaWith(columns, ratios, room) {
    const rows = Math.ceil(ratios.length / columns);
    const widthPx = (room.widthPx - (columns - 1) * room.gapPx) / columns;
    const heightPx = (room.heightPx - (rows - 1) * room.gapPx) / rows - room.wordsPx(columns);
    if (heightPx < MIN_PICTURE_PX) return 0;
    return ratios.reduce((sum, ratio) => sum + Math.min(widthPx, heightPx * ratio) ** 2 / ratio, 0);
  }

  /* Two beside each other where the screen is narrow and pictures are high, one below another else. */
  function scrolling(ratios, room, most) {
    const columns = Math.min(most, ratios.some((ratio) => ratio > 1) && room.widthPx < 500 ? 1 : Math.max(1, Math.floor(room.widthPx / 260)));
    const widthPx = (room.widthPx - (columns - 1) * room.gapPx) / columns;
    const least = Math.max(0.5, Math.min(...ratios));
    return { columns, rowPx: Math.round(Math.min(widthPx / least, Math.max(200, room.heightPx * 0.8)) + room.wordsPx(columns)) };
  }

  /**
   * Return a zoom changed by a factor about a point that stays where it is.
   * @param {{zoom: number, x: number, y: number}} view  x, y: left and top of the zoomed picture, in its unzoomed size
   * @param {{x: number, y: number}} at  the point, as a part of the unzoomed picture's box
   */
  function zoomed(view, factor, at) {
    const zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * factor));
    const by = zoom / view.zoom;
    return kept({ zoom, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by });
  }

  /** @returns {object} the view moved by parts of the picture's box */
  function panned(view, dx, dy) {
    return kept({ zoom: view.zoom, x: view.x + dx, y: view.y + dy });
  }

  /* No edge of the picture comes into the box. */
  function kept({ zoom, x, y }) {
    const within = (at) => Math.min(0, Math.max(1 - zoom, at)) || 0;
    return { zoom, x: within(x), y: within(y) };
  }

  falExp.compareFit = { MOST_ZOOM, bestGrid, zoomed, panned };
})((globalThis.falExp = globalThis.falExp || {}));
