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

const CARRIED = ['data:image/jpeg;base64,AA==', 'data:image/webp;base64,', 'data:video/mp4;base64,AAAA'];
const NOT_CARRIED = [
  ...AWAY, '../cells/a/1/clip.mp4', 'table.html', 'data:text/html;base64,AA==', 'data:image/svg+xml;base64,AA==',
  'data:image/png,x', 'data:image/png;charset=x;base64,AA==', ' data:image/png;base64,AA==', 'Data:image/png;base64,AA==',
];
test('a report of one file links what it carries, and nothing else', () => {
  for (const each of CARRIED) assert.ok(href.isLocal(each, true), each);
  for (const each of NOT_CARRIED) assert.ok(!href.isLocal(each, true), each);
});

test('a report of many files carries nothing', () => {
  for (const each of CARRIED) assert.ok(!href.isLocal(each), each);
});

test('the page itself says which it is', (t) => {
  t.after(() => delete globalThis.document);
  globalThis.document = { documentElement: { dataset: { embedded: 'true' } } };
  assert.ok(href.isLocal(CARRIED[0]));
  assert.ok(!href.isLocal('table.html'));
});
