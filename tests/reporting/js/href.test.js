'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { href } = require('./load.js')('href');

for (const local of ['../cells/a/1/clip.mp4', 'table.html', './a:b.mp4', 'a%20b.mp4', '../骑士.mp4']) {
  test(`a file beside the report may be linked: ${local}`, () => assert.ok(href.isLocal(local)));
}

const AWAY = [
  'javascript:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)',
  'JAVASCRIPT:x', 'data:text/html,x', 'https://example.com', '//example.com', '\\\\host\\share', '/etc/passwd',
  '\t//example.com', 'file:///etc/passwd', '', '  ', null, undefined, 3,
];
for (const away of AWAY) {
  test(`anything else may not: ${JSON.stringify(away)}`, () => assert.ok(!href.isLocal(away)));
}
