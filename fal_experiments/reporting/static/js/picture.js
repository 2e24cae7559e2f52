/* The grid as one picture: posters, labels and numbers drawn on a canvas, where the browser allows. */
(function (falExp) {
  'use strict';

  /** Browsers refuse larger canvases. */
  const MAX_SIDE_PX = 16000;
  const MAX_PIXELS = 120e6;
  const TILE_PX = 320;
  const GAP_PX = 12;
  const LABEL_PX = 170;
  const LINE_PX = 20;
  const CAPTION_PX = 28;

  /** @returns {Promise<HTMLImageElement|null>} null where the file is missing */
  function load(href) {
    return new Promise((resolve) => {
      const image = new Image();
      image.addEventListener('load', () => resolve(image));
      image.addEventListener('error', () => resolve(null));
      image.src = href;
    });
  }

  /**
   * Ask whether pictures beside this page may be drawn and read back: from file:// most browsers
   * say no, because each file is a stranger to the other.
   * @returns {Promise<boolean>}
   */
  async function isAllowed() {
    const cell = falExp.data.cells.find((each) => falExp.href.isLocal(each.poster?.href));
    const image = cell && await load(cell.poster.href);
    if (!image) return true;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1, 1];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, 1, 1);
    try {
      context.getImageData(0, 0, 1, 1);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Lay out a section: its size and where each row begins.
   * @returns {{widthPx: number, heightPx: number, rows: {row: object, topPx: number, heightPx: number, title: string}[]}}
   */
  function measure(section, topPx) {
    let atPx = topPx + LINE_PX * 2;
    let before = null;
    const rows = falExp.layout.rowsOf(section).map((row) => {
      const title = falExp.data.batch.prompts[row.prompt]?.id ?? '';
      if (title !== before) atPx += LINE_PX;
      const heightPx = TILE_PX * (row.height ?? falExp.geometry.boxHeight(row.cells.filter((cell) => cell >= 0)
        .map((cell) => falExp.data.cells[cell])));
      const line = { row, topPx: atPx, heightPx, title: title === before ? '' : title };
      before = title;
      atPx += heightPx + CAPTION_PX + GAP_PX;
      return line;
    });
    return { section, topPx, rows, bottomPx: atPx, widthPx: LABEL_PX + section.columns.length * (TILE_PX + GAP_PX) + GAP_PX };
  }

  /** @returns {{scale: number, widthPx: number, heightPx: number, parts: object[]}} */
  function plan(sections) {
    const parts = [];
    let topPx = LINE_PX * 2;
    for (const section of sections) {
      parts.push(measure(section, topPx));
      topPx = parts.at(-1).bottomPx + GAP_PX;
    }
    const widthPx = Math.max(...parts.map((part) => part.widthPx));
    const scale = Math.min(1, MAX_SIDE_PX / widthPx, MAX_SIDE_PX / topPx, Math.sqrt(MAX_PIXELS / (widthPx * topPx)));
    return { scale, widthPx, heightPx: topPx, parts };
  }

  /** Draw the arranged page. @returns {Promise<Blob>} a PNG */
  async function draw(sections) {
    const { scale, widthPx, heightPx, parts } = plan(sections);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [widthPx, heightPx].map((px) => Math.ceil(px * scale));
    const pen = canvas.getContext('2d');
    pen.scale(scale, scale);
    const style = getComputedStyle(document.body);
    Object.assign(pen, { fillStyle: style.backgroundColor, textBaseline: 'top' });
    pen.fillRect(0, 0, widthPx, heightPx);
    const write = (text, x, y, { bold = false, max = TILE_PX } = {}) => {
      pen.fillStyle = style.color;
      pen.font = `${bold ? 600 : 400} 14px ${style.fontFamily}`;
      pen.fillText(cut(pen, text, max), x, y);
    };
    write(`${falExp.data.batch.title} · ${falExp.data.batch.batch}`, GAP_PX, GAP_PX, { bold: true, max: widthPx });
    for (const part of parts) await drawSection(pen, part, write);
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large for this browser'))), 'image/png');
    });
  }

  async function drawSection(pen, { section, topPx, rows }, write) {
    const leftOf = (column) => LABEL_PX + column * (TILE_PX + GAP_PX);
    section.columns.forEach((column, at) => write(falExp.heads.nameOf(column.at), leftOf(at), topPx, { bold: true }));
    for (const line of rows) {
      if (line.title) write(line.title, GAP_PX, line.topPx - LINE_PX, { bold: true, max: 900 });
      write(falExp.heads.nameOf(line.row.at, ['prompt']), GAP_PX, line.topPx, { max: LABEL_PX - 2 * GAP_PX });
      await Promise.all(line.row.cells.map((cell, column) => cell >= 0
        && drawCell(pen, falExp.data.cells[cell], { left: leftOf(column), top: line.topPx, height: line.heightPx }, write)));
    }
  }

  async function drawCell(pen, cell, { left, top, height }, write) {
    const image = cell.poster && falExp.href.isLocal(cell.poster.href) ? await load(cell.poster.href) : null;
    pen.fillStyle = 'rgb(128 128 128 / 18%)';
    pen.fillRect(left, top, TILE_PX, height);
    if (image) {
      const scale = Math.min(TILE_PX / image.naturalWidth, height / image.naturalHeight);
      const [width, high] = [image.naturalWidth * scale, image.naturalHeight * scale];
      pen.drawImage(image, left + (TILE_PX - width) / 2, top + (height - high) / 2, width, high);
    } else write(`${cell.state_label}${cell.reason ? `: ${cell.reason}` : ''}`, left + GAP_PX, top + height / 2, { max: TILE_PX - 2 * GAP_PX });
    write([cell.run_label, cell.cost_label, cell.time_label].filter(Boolean).join(' · '), left, top + height + 6);
  }

  /** @returns {string} text that is no wider than `maxPx`, with … where something is missing */
  function cut(pen, text, maxPx) {
    if (pen.measureText(text).width <= maxPx) return text;
    let letters = [...text];
    while (letters.length > 1 && pen.measureText(`${letters.join('')}…`).width > maxPx) letters = letters.slice(0, Math.floor(letters.length * 0.9));
    return `${letters.join('')}…`;
  }

  falExp.picture = { isAllowed, draw };
})((globalThis.falExp = globalThis.falExp || {}));
