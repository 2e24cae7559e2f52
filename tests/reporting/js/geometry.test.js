'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { geometry } = require('./load.js')('geometry');

const sheet = {
  picture: { width_px: 1292, height_px: 732 }, columns: 4, rows: 4,
  tile_width_px: 320, tile_height_px: 180, times_s: Array.from({ length: 16 }, (_, i) => i / 3),
};

/** Where a box of `boxPx` sees the sheet with these percentages, in pixels of the sheet. */
function seen(sheetPx, tilePx, sizePercent, positionPercent) {
  const boxPx = 77;
  const imagePx = (boxPx * parseFloat(sizePercent)) / 100;
  const offsetPx = ((imagePx - boxPx) * parseFloat(positionPercent)) / 100;
  return { from: (offsetPx * sheetPx) / imagePx, width: (boxPx * sheetPx) / imagePx };
}

test('each moment shows exactly its tile, whatever the size of the box', () => {
  for (let index = 0; index < 16; index += 1) {
    const { size, position } = geometry.tileBackground(sheet, index);
    const [across, down] = [index % 4, Math.floor(index / 4)];
    const x = seen(1292, 320, size.split(' ')[0], position.split(' ')[0]);
    const y = seen(732, 180, size.split(' ')[1], position.split(' ')[1]);
    assert.ok(Math.abs(x.from - across * 324) < 1e-6 && Math.abs(x.width - 320) < 1e-6);
    assert.ok(Math.abs(y.from - down * 184) < 1e-6 && Math.abs(y.width - 180) < 1e-6);
  }
});

test('a sheet of one picture shows it', () => {
  const one = { ...sheet, picture: { width_px: 320, height_px: 180 }, columns: 1, rows: 1, times_s: [0] };
  assert.deepEqual(geometry.tileBackground(one, 0), { size: '100% 100%', position: '0% 0%' });
});

test('the strip is cut into equal parts and its ends belong to it', () => {
  assert.deepEqual([0, 0.0624, 0.0626, 0.999, 1].map((f) => geometry.momentAt(sheet, f)), [0, 0, 1, 15, 15]);
});

test('a box is as high as the tallest clip of its row, within reason', () => {
  const clip = (width, height) => ({ poster: { width_px: width, height_px: height } });
  assert.equal(geometry.boxHeight([clip(1600, 900), clip(100, 100)]), 1);
  assert.equal(geometry.boxHeight([clip(900, 1600)]), 1.2);
  assert.equal(geometry.boxHeight([clip(4000, 100)]), 0.4);
  assert.equal(geometry.boxHeight([{}]), 9 / 16);
});

test('a picture keeps its shape in its box', () => {
  for (const [width, height] of [[1600, 900], [900, 1600], [100, 100]]) {
    const part = geometry.fit({ width_px: width, height_px: height }, 0.75);
    assert.ok(Math.abs((part.width / (part.height * 0.75)) - width / height) < 1e-9);
    assert.equal(Math.max(part.width, part.height), 100);
  }
});

test('columns fill the page, neither too small to see nor larger than a screen', () => {
  const page = { pagePx: 1376, labelPx: 108, gapPx: 12, isNarrow: false };
  assert.equal(geometry.fitTilePx(3, page), 410);
  assert.equal(geometry.fitTilePx(1, page), 640);
  assert.equal(geometry.fitTilePx(6, page), 199);
  assert.equal(geometry.fitTilePx(1, { ...page, pagePx: 388, isNarrow: true }), 388);
  assert.ok(geometry.fitTilePx(3, { ...page, pagePx: 388, isNarrow: true }) < 388 * 0.8);
});

test('where not all columns fit, a good part of the next one is seen', () => {
  const page = { pagePx: 1376, labelPx: 108, gapPx: 12, isNarrow: false };
  for (const columns of [8, 12, 100]) {
    const tilePx = geometry.fitTilePx(columns, page);
    const shown = (page.pagePx - page.labelPx) / (tilePx + page.gapPx);
    assert.ok(tilePx >= 168 && shown % 1 > 0.3 && shown % 1 < 0.55, `${columns}: ${tilePx} px, ${shown}`);
  }
});

test('times are written as on the sheet', () => {
  assert.deepEqual([0, 0.333, 59.99, 65.34, 600].map(geometry.timeLabel), ['0.00 s', '0.33 s', '59.99 s', '1:05.3', '10:00.0']);
});
