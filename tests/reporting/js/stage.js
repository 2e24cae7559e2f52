'use strict';

const load = require('./load.js');
const { batch, cells } = require('./batch.js');

/** Load the scripts that arrange a page, with the made-up batch in them. */
module.exports = function stage() {
  const falExp = load('href', 'dom', 'hash', 'data', 'axes', 'scores', 'filter', 'pins', 'layout', 'walk', 'heights');
  if (falExp.data.batch !== batch) {
    falExp.loadBatch({ ...batch, cells: cells.length });
    falExp.loadCells(cells);
  }
  const view = (patch = {}) => ({ ...falExp.hash.emptyView(), ...patch });
  const plan = (patch) => falExp.layout.arrange(falExp.data.batch, falExp.data.cells, view(patch));
  return { falExp, view, plan };
};

