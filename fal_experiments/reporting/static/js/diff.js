/* What differs between two texts of JSON, key by key, and between two texts, word by word. Pure. */
(function (falExp) {
  'use strict';

  /** More comparisons of words than this would be felt; the texts are then compared by sentences. */
  const MOST_STEPS = 4_000_000;
  const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|([^\s{}[\],:"]+))/gy;

  /**
   * Read JSON without losing a digit: a number stays the text that it is written as.
   * @param {string} text
   * @returns {{kind: 'object', entries: Map<string, object>} | {kind: 'array', items: object[]}
   *   | {kind: 'text'|'plain', source: string}}  source: as written; of text with its quotes
   */
  function parseExact(text) {
    const tokens = [...text.matchAll(TOKEN)].map(([, mark, quoted, plain]) => mark || quoted || plain);
    let at = 0;

    function value() {
      const token = tokens[at++];
      if (token === '{') return object();
      if (token === '[') return array();
      if (token === undefined) throw new SyntaxError('the JSON ends early');
      return { kind: token[0] === '"' ? 'text' : 'plain', source: token };
    }

    function object() {
      const entries = new Map();
      while (tokens[at] !== '}') {
        if (tokens[at] === ',') at += 1;
        const key = JSON.parse(tokens[at]);
        at += 2;
        entries.set(key, value());
      }
      at += 1;
      return { kind: 'object', entries };
    }

    function array() {
      const items = [];
      while (tokens[at] !== ']') {
        if (tokens[at] === ',') at += 1;
        items.push(value());
      }
      at += 1;
      return { kind: 'array', items };
    }

    return value();
  }

  /** @returns {string} a value on one line, as it is written; a text without its quotes */
  function plainText(value) {
    switch (value.kind) {
      case 'text': return JSON.parse(value.source);
      case 'plain': return value.source;
      default: return oneLine(value);
    }
  }

  function oneLine(value) {
    if (value.kind === 'array') return `[${value.items.map(oneLine).join(', ')}]`;
    if (value.kind !== 'object') return value.source;
    return `{${[...value.entries].map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`).join(', ')}}`;
  }

  /**
   * @typedef {object} Change
   * @property {string} path  `elements[0].image`
   * @property {'added'|'removed'|'changed'} kind
   * @property {string|null} before  null where it was added
   * @property {string|null} after   null where it was removed
   * @property {boolean} isText      both are text, so that their words can be compared
   */

  /**
   * Compare two texts of JSON. The order of keys makes no difference, the digits of a number do.
   * @param {string} before
   * @param {string} after
   * @returns {Change[]}  in the order of `after`, what was removed at the end of its object
   */
  function jsonDiff(before, after) {
    const found = [];
    compare('', parseExact(before), parseExact(after), found);
    return found;
  }

  function compare(path, before, after, found) {
    if (before.kind === 'object' && after.kind === 'object') {
      const keys = new Set([...after.entries.keys(), ...before.entries.keys()]);
      for (const key of keys) {
        compareItem(keyed(path, key), before.entries.get(key), after.entries.get(key), found);
      }
    } else if (before.kind === 'array' && after.kind === 'array') {
      const length = Math.max(before.items.length, after.items.length);
      for (let index = 0; index < length; index += 1) {
        compareItem(`${path}[${index}]`, before.items[index], after.items[index], found);
      }
    } else if (before.kind !== after.kind || plainText(before) !== plainText(after)) {
      found.push({
        path, kind: 'changed', before: plainText(before), after: plainText(after),
        isText: before.kind === 'text' && after.kind === 'text',
      });
    }
  }

  function compareItem(path, before, after, found) {
    if (before && after) compare(path, before, after, found);
    else if (after) found.push({ path, kind: 'added', before: null, after: plainText(after), isText: false });
    else found.push({ path, kind: 'removed', before: plainText(before), after: null, isText: false });
  }

  function keyed(path, key) {
    const name = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? key : JSON.stringify(key);
    return path ? `${path}.${name}` : name;
  }

  /**
   * Return a text in pieces that joined give it back: words, spaces, marks, in any script.
   * @param {string} text
   * @param {'word'|'sentence'} granularity
   */
  function pieces(text, granularity) {
    return Array.from(new Intl.Segmenter(undefined, { granularity }).segment(text), (each) => each.segment);
  }

  /**
   * Compare two texts word by word.
   * @param {string} before
   * @param {string} after
   * @returns {{kind: 'same'|'removed'|'added', text: string}[]}  the texts of `same` and `removed`
   *   joined give `before`, those of `same` and `added` give `after`
   */
  function wordDiff(before, after) {
    for (const granularity of ['word', 'sentence']) {
      const [old, now] = [pieces(before, granularity), pieces(after, granularity)];
      const head = sharedLength(old, now, Math.min(old.length, now.length), (list, index) => list[index]);
      const room = Math.min(old.length, now.length) - head;
      const tail = sharedLength(old, now, room, (list, index) => list[list.length - 1 - index]);
      const [oldMiddle, nowMiddle] = [old, now].map((list) => list.slice(head, list.length - tail));
      if (oldMiddle.length * nowMiddle.length > MOST_STEPS) continue;
      return joined([
        ...old.slice(0, head).map((text) => ({ kind: 'same', text })),
        ...longestShared(oldMiddle, nowMiddle),
        ...old.slice(old.length - tail).map((text) => ({ kind: 'same', text })),
      ]);
    }
    return joined([{ kind: 'removed', text: before }, { kind: 'added', text: after }]);
  }

  function sharedLength(one, other, most, pick) {
    let count = 0;
    while (count < most && pick(one, count) === pick(other, count)) count += 1;
    return count;
  }

  /** Walk along a longest sequence that both lists share. */
  function longestShared(old, now) {
    const width = now.length + 1;
    const lengths = new Uint32Array((old.length + 1) * width);
    for (let i = old.length - 1; i >= 0; i -= 1) {
      for (let j = now.length - 1; j >= 0; j -= 1) {
        lengths[i * width + j] = old[i] === now[j] ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    const found = [];
    let [i, j] = [0, 0];
    while (i < old.length || j < now.length) {
      if (i < old.length && j < now.length && old[i] === now[j]) {
        found.push({ kind: 'same', text: old[i] });
        i += 1;
        j += 1;
      } else if (j === now.length || (i < old.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
        found.push({ kind: 'removed', text: old[i] });
        i += 1;
      } else {
        found.push({ kind: 'added', text: now[j] });
        j += 1;
      }
    }
    return found;
  }

  /** Join neighbours, so that a reader sees phrases: a lone space between two changes is part of them. */
  function joined(parts) {
    const runs = [];
    let [removed, added] = ['', ''];
    const flush = () => {
      if (removed) runs.push({ kind: 'removed', text: removed });
      if (added) runs.push({ kind: 'added', text: added });
      [removed, added] = ['', ''];
    };
    parts.forEach((part, index) => {
      const bridge = part.kind === 'same' && (removed || added) && part.text.trim() === ''
        && parts[index + 1] && parts[index + 1].kind !== 'same';
      if (part.kind === 'removed' || bridge) removed += part.text;
      if (part.kind === 'added' || bridge) added += part.text;
      if (part.kind !== 'same' || bridge) return;
      flush();
      if (runs.at(-1)?.kind === 'same') runs.at(-1).text += part.text;
      else runs.push({ kind: 'same', text: part.text });
    });
    flush();
    return runs;
  }

  falExp.diff = { parseExact, jsonDiff, wordDiff };
})((globalThis.falExp = globalThis.falExp || {}));
