'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { wallCommand, shell } = require('./load.js')('shell', 'wall_command');

const wall = (more) => wallCommand.text({ batch: '20261120T093000Z-walk', cells: ['aa', 'bb'], ...more });
const options = (more) => wall(more).replace(/^fal-exp wall /, '').replace(/ 20261120T093000Z-walk$/, '');

test('a word is quoted as a shell reads it back, and only where it must be', () => {
  assert.equal(shell.quote('kling-v3,pro:1.0'), 'kling-v3,pro:1.0');
  assert.equal(shell.quote(''), "''");
  assert.equal(shell.quote("it's $(id)"), `'it'"'"'s $(id)'`);
  assert.equal(shell.command(['fal-exp', 'wall'], ['-rf']), 'fal-exp wall -- -rf');
});

test('what is usual is not said', () => {
  assert.equal(
    wall({ sync: 'absolute', end: 'hold', speed: 1, layout: '1x1', offsets: { aa: 0 } }),
    'fal-exp wall --cell aa --cell bb -o wall-2up.mp4 20261120T093000Z-walk',
  );
  assert.equal(options({ all: true }), '-o wall-2up.mp4');
});

test('every way to lay clips on one time has its words', () => {
  const cells = '--cell aa --cell bb';
  assert.equal(options({ sync: 'percent', end: 'loop', speed: 0.5 }), `${cells} --sync percent --speed 0.5 -o wall-2up-percent.mp4`);
  assert.equal(
    options({ sync: 'offset', end: 'blank', offsets: { aa: 0.5, bb: -1 / 24, other: 3 } }),
    `${cells} --end blank --offset aa=0.5 --offset bb=-0.041667 -o wall-2up.mp4`,
  );
  assert.equal(options({ part: [2, 3.5], speed: 2 }), `${cells} --speed 2 --offset 2 --duration 0.75 -o wall-2up.mp4`);
  assert.equal(
    options({ sync: 'phase', windows: { aa: [0.5, 1.46] }, part: [1, 2], offsets: { aa: 1 } }),
    `${cells} --sync phase --window aa=0.5-1.46 -o wall-2up-phase.mp4`,
  );
});

test('a wipe has two cells and no layout; sound is for films that have it', () => {
  assert.equal(options({ wipe: ['bb', 'aa'], layout: '2x1', audio: 'aa' }), '--wipe bb aa --audio aa -o wipe.mp4');
  assert.equal(options({ layout: '2x1', audio: 'aa', kind: 'gif' }), '--cell aa --cell bb --layout 2x1 -o wall-2up.gif');
  assert.deepEqual(wallCommand.losses({ cells: ['aa'], audio: 'aa', kind: 'webp' }), ['A WEBP has no sound.']);
});

test('too many panes, and none, are told before a person copies the command', () => {
  const cells = Array.from({ length: wallCommand.MOST_PANES + 1 }, (_, n) => `c${n}`);
  assert.match(wallCommand.problem({ cells }), /at most 64 panes, and 65 clips/);
  assert.equal(wallCommand.problem({ cells: cells.slice(1) }), '');
  assert.match(wallCommand.problem({ cells: [] }), /None/);
});
