/* What is compared on the page → the exact `fal-exp wall` command that makes one film of it. */
(function (falExp) {
  'use strict';

  /**
   * @typedef {object} Wall
   * @property {string} batch
   * @property {string[]} cells  those with a clip, in their order
   * @property {boolean} [all]  the cells are all that the batch has, so none needs to be named
   * @property {'absolute'|'percent'|'offset'|'phase'} [sync]
   * @property {'hold'|'loop'|'blank'} [end]
   * @property {number} [speed]
   * @property {string|null} [layout]  columns x rows: `3x2`
   * @property {string|null} [audio]  the cell that is heard; an MP4 only
   * @property {[string, string]|null} [wipe]  the cells left and right of the line
   * @property {Object<string, number>} [offsets]  seconds by which a cell is ahead of the shared time
   * @property {Object<string, [number, number]>} [windows]  the loop of a cell, in its own seconds
   * @property {[number, number]|null} [part]  from A to B of the shared time, in seconds
   * @property {'mp4'|'gif'|'webp'} [kind]
   */

  /** core/wall_grid.py MOST_PANES */
  const MOST_PANES = 64;
  /** What `--speed` takes (cli/wall.py). */
  const SPEEDS = [0.01, 3600];
  /** core/wall.py MOST_OFFSET_S */
  const MOST_LATER_S = 60;

  const { number } = falExp.shell;

  /** @returns {string} why there is no such film; empty when there is one */
  function problem(wall) {
    const panes = cellsOf(wall).length;
    if (panes === 0) return 'None of these has a clip.';
    if (panes > MOST_PANES) {
      return `A wall has at most ${MOST_PANES} panes, and ${panes} clips are chosen: filter, or select fewer.`;
    }
    return '';
  }

  /** @returns {string[]} what of the view the film cannot have */
  function losses(wall) {
    const lost = [];
    if (wall.audio && kindOf(wall) !== 'mp4') lost.push(`A ${kindOf(wall).toUpperCase()} has no sound.`);
    if (wall.part && !onOneClock(wall)) lost.push('The part from A to B needs one clock; the film shows the whole clips.');
    return lost;
  }

  /**
   * @param {Wall} wall
   * @returns {string} the command; see `problem` for walls that cannot be made
   */
  function text(wall) {
    const words = ['fal-exp', 'wall', ...cellWords(wall), ...timeWords(wall), ...paneWords(wall)];
    return falExp.shell.command([...words, '-o', fileName(wall)], [wall.batch]);
  }

  const kindOf = (wall) => wall.kind || 'mp4';
  const cellsOf = (wall) => wall.wipe || wall.cells;
  const onOneClock = (wall) => !['percent', 'phase'].includes(wall.sync);

  function cellWords(wall) {
    if (wall.wipe) return ['--wipe', ...wall.wipe];
    return wall.all ? [] : wall.cells.flatMap((cell) => ['--cell', cell]);
  }

  function timeWords(wall) {
    const words = [];
    if (!onOneClock(wall)) words.push('--sync', wall.sync);
    if (onOneClock(wall) && wall.end && wall.end !== 'hold') words.push('--end', wall.end);
    const speed = Math.min(SPEEDS[1], Math.max(SPEEDS[0], Math.abs(wall.speed || 1)));
    if (number(speed) !== '1') words.push('--speed', number(speed));
    if (onOneClock(wall)) words.push(...clockWords(wall, speed));
    if (wall.sync === 'phase') words.push(...windowWords(wall));
    return words;
  }

  /** The part that is repeated, and who is ahead of whom. */
  function clockWords(wall, speed) {
    const words = [];
    const [from, to] = wall.part || [0, 0];
    if (to > from) words.push('--offset', number(from), '--duration', number((to - from) / speed));
    for (const cell of cellsOf(wall)) {
      const aheadS = Math.max(-MOST_LATER_S, wall.offsets?.[cell] || 0);
      if (number(aheadS) !== '0') words.push('--offset', `${cell}=${number(aheadS)}`);
    }
    return words;
  }

  function windowWords(wall) {
    return cellsOf(wall)
      .filter((cell) => wall.windows?.[cell])
      .flatMap((cell) => ['--window', `${cell}=${wall.windows[cell].map(number).join('-')}`]);
  }

  function paneWords(wall) {
    const words = [];
    const [columns, rows] = (wall.layout || '0x0').split('x').map(Number);
    if (!wall.wipe && columns * rows >= wall.cells.length) words.push('--layout', wall.layout);
    if (wall.audio && kindOf(wall) === 'mp4' && cellsOf(wall).includes(wall.audio)) words.push('--audio', wall.audio);
    return words;
  }

  function fileName(wall) {
    const what = wall.wipe ? 'wipe' : `wall-${wall.cells.length}up`;
    return `${what}${onOneClock(wall) ? '' : `-${wall.sync}`}.${kindOf(wall)}`;
  }

  falExp.wallCommand = { MOST_PANES, problem, losses, text };
})((globalThis.falExp = globalThis.falExp || {}));
