'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { diff } = require('./load.js')('diff');

const LONG_SEED = '98765432109876543210';

test('numbers longer than a number of JavaScript are told apart digit by digit', () => {
  const found = diff.jsonDiff(`{"seed": ${LONG_SEED}}`, `{"seed": ${LONG_SEED.slice(0, -1)}1}`);
  assert.deepEqual(found, [{
    path: 'seed', kind: 'changed', before: LONG_SEED, after: `${LONG_SEED.slice(0, -1)}1`, isText: false,
  }]);
  assert.deepEqual(diff.jsonDiff(`[0.30, ${LONG_SEED}]`, `[0.30,\n ${LONG_SEED}]`), []);
});

test('what was added, removed and changed is named by its path, in whatever order keys stand', () => {
  const before = '{"prompt": "a", "duration": "5", "elements": [{"image": "x"}, {"image": "y"}], "cfg": 0.5}';
  const after = '{"cfg": 0.5, "elements": [{"image": "z", "video": null}], "duration": 5, "prompt": "a", "odd key": true}';
  assert.deepEqual(
    diff.jsonDiff(before, after).map(({ path, kind, before: old, after: now }) => [path, kind, old, now]),
    [
      ['elements[0].image', 'changed', 'x', 'z'],
      ['elements[0].video', 'added', null, 'null'],
      ['elements[1]', 'removed', '{"image": "y"}', null],
      ['duration', 'changed', '5', '5'],
      ['"odd key"', 'added', null, 'true'],
    ],
  );
});

test('text with quotes, braces and escapes is one value', () => {
  const text = JSON.stringify({ prompt: 'He said: "{walk}, [now]"\\\n\u2028 </script>' });
  assert.deepEqual(diff.jsonDiff(text, text), []);
  const [found] = diff.jsonDiff(text, JSON.stringify({ prompt: 'He said "go"' }));
  assert.equal(found.before, 'He said: "{walk}, [now]"\\\n\u2028 </script>');
  assert.equal(found.isText, true);
});

test('empty objects and lists are values too', () => {
  assert.deepEqual(diff.jsonDiff('{"a": {}, "b": []}', '{"a": {}, "b": []}'), []);
  assert.equal(diff.jsonDiff('{"a": {}}', '{"a": []}')[0].kind, 'changed');
  assert.deepEqual(diff.jsonDiff('{}', '{"a": 1}').map((each) => each.kind), ['added']);
});

function texts(parts, kind) {
  return parts.filter((part) => part.kind !== kind).map((part) => part.text).join('');
}

for (const [name, before, after, changed] of [
  ['English', 'The knight walks in place, camera locked.', 'The old knight strolls in place, camera locked.',
    [['added', 'old '], ['removed', 'walks'], ['added', 'strolls']]],
  ['Chinese', '骑士在城堡前行走。', '骑士在森林前行走。', [['removed', '城堡'], ['added', '森林']]],
  ['Arabic', 'فارس يمشي نحو القلعة عند الفجر', 'فارس يركض نحو القلعة عند الفجر', [['removed', 'يمشي'], ['added', 'يركض']]],
  ['emoji', 'a 👩‍🚀 on 🐉', 'a 👩🏽‍🚀 on 🐉', [['removed', '👩‍🚀'], ['added', '👩🏽‍🚀']]],
]) {
  test(`words of ${name} are compared whole, and both texts can be put together again`, () => {
    const parts = diff.wordDiff(before, after);
    assert.equal(texts(parts, 'added'), before);
    assert.equal(texts(parts, 'removed'), after);
    assert.deepEqual(parts.filter((part) => part.kind !== 'same').map((part) => [part.kind, part.text]), changed);
  });
}

test('several changed words in a row are one phrase', () => {
  const parts = diff.wordDiff('He walks very slowly home.', 'He runs quite quickly home.');
  assert.deepEqual(parts.map((part) => [part.kind, part.text]), [
    ['same', 'He '], ['removed', 'walks very slowly'], ['added', 'runs quite quickly'], ['same', ' home.'],
  ]);
});

test('equal, empty and very long texts are answered at once', () => {
  assert.deepEqual(diff.wordDiff('same', 'same'), [{ kind: 'same', text: 'same' }]);
  assert.deepEqual(diff.wordDiff('', 'new'), [{ kind: 'added', text: 'new' }]);
  assert.deepEqual(diff.wordDiff('', ''), []);
  const [old, now] = ['a b. '.repeat(3000), 'c d! '.repeat(3000)];
  const parts = diff.wordDiff(old, now);
  assert.equal(texts(parts, 'added'), old);
  assert.equal(texts(parts, 'removed'), now);
});
