'use strict';

const path = require('node:path');

const STATIC = path.join(__dirname, '..', '..', '..', 'fal_experiments', 'reporting', 'static', 'js');

/** Run static scripts as a page does, and return what they put on `falExp`. */
module.exports = function load(...names) {
  for (const name of names) require(path.join(STATIC, `${name}.js`));
  return globalThis.falExp;
};
