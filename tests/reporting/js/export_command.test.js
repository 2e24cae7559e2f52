'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { exportCommand } = require('./load.js')('shell', 'export_command');

const empty = { states: new Set(), hidden: new Set(), ranges: {} };
const text = (view, more) => exportCommand.text({ batch: 'b', file: 'c.csv', view: { ...empty, ...view }, ...more });

test('everything that is shown needs no condition', () => {
  assert.equal(text({}), 'fal-exp export -o c.csv b');
});

test('each filter is the condition that lets the same cells through', () => {
  const view = {
    states: new Set(['failed']),
    hidden: new Set(['preset=kling-v3', 'var:hero=a=b "c"']),
    ranges: { cost_usd: { min: null, max: 0.5 }, loop_seam: { min: -1, max: 0.1, unknown: true }, run_s: {} },
  };
  assert.equal(text(view), "fal-exp export --where 'state!=failed' --where 'preset!=kling-v3' "
    + `--where 'var:hero!=a=b "c"' --where 'cost_usd<=0.5' --where 'loop_seam>=-1?' --where 'loop_seam<=0.1?' `
    + "--where 'run_s!=' -o c.csv b");
});

test('what no condition says is named cell by cell, while there are few', () => {
  const cells = (count) => Array.from({ length: count }, (_, n) => `c${n}`);
  assert.equal(text({}, { named: true, cells: cells(2) }), 'fal-exp export --cell c0 --cell c1 -o c.csv b');
  assert.match(exportCommand.problem({ named: true, cells: cells(201) }), /201 cells/);
  assert.equal(exportCommand.problem({ named: true, cells: cells(200) }), '');
  assert.equal(exportCommand.problem({ named: false, cells: cells(9999) }), '');
});
