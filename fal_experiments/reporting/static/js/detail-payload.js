/* What was sent, in the drawer: the prompt, the exact arguments, and each held against another's. */
(function (falExp) {
  'use strict';

  const { el, link } = falExp.dom;
  const { part, partWith, badge, table, copyButton } = falExp.lines;
  const TOP_LEVEL = /^ {2}("(?:[^"\\]|\\.)*"): /;
  const QUIET = new Set(['preset']);

  /** A text with what another has in its place: removed words struck out, added ones marked. */
  function words(before, after) {
    const tags = { same: 'span', removed: 'del', added: 'ins' };
    return falExp.diff.wordDiff(before, after)
      .map((run) => el(tags[run.kind], { dir: run.kind === 'same' ? null : 'auto' }, run.text));
  }

  function prompt(detail) {
    const dialect = detail.prompt_dialect;
    const told = dialect ? `In the dialect “${dialect}”.` : 'In the prompt’s own words, no dialect.';
    return part('Prompt',
      el('p', { class: 'prompt-whole', dir: 'auto' }, detail.prompt_text),
      el('p', { class: 'note' }, told));
  }

  /** What the model made of the prompt, word by word against what was sent. */
  function returned(detail) {
    if (!detail.prompt_returned) return null;
    return part('Prompt as it was used',
      el('p', { class: 'prompt-whole word-diff', dir: 'auto' }, ...words(detail.prompt_text, detail.prompt_returned)),
      el('p', { class: 'note' }, 'As the model returned it. ', el('del', {}, 'Struck out'), ' was sent and is gone, ',
        el('ins', {}, 'underlined'), ' was added.'));
  }

  /** The arguments line by line, with why each of them is there. */
  function exact(detail) {
    if (detail.arguments === '{}') return part('Exact arguments', el('p', { class: 'note' }, 'Nothing was sent.'));
    const origins = new Map((detail.origins || []).map((each) => [each.label, each]));
    const code = el('code', { dir: 'auto' });
    detail.arguments.split('\n').forEach((line, index) => {
      if (index > 0) code.append('\n');
      const key = TOP_LEVEL.exec(line);
      code.append(line, ...(key ? why(origins.get(JSON.parse(key[1]))) : []));
    });
    const box = el('pre', { class: 'json', tabindex: 0, 'aria-label': 'Exact arguments' }, code);
    return partWith('Exact arguments', copyButton(detail.arguments, () => code), box,
      el('p', { class: 'note' }, 'As they were sent', ...requestLink(detail), '. ', el('span', { class: 'why tone-busy' }, 'neutral'),
        ' is what the preset sets against the vendor’s own value, so that nothing is rewritten or added unasked.'));
  }

  function requestLink(detail) {
    const file = (detail.links || []).find((each) => /(^|\/)request\.json$/.test(each.href));
    return file ? [': ', link('request.json', file.href)] : [];
  }

  function why(origin) {
    if (!origin || QUIET.has(origin.value)) return [];
    const text = [origin.value, origin.note].filter(Boolean).join(' · ');
    return [' ', el('span', { class: `why ${origin.tone ? `tone-${origin.tone}` : ''}` }, text)];
  }

  /**
   * What differs from the arguments of another cell, key by key.
   * @param {object} detail
   * @param {object|null} other  its details; null: nothing is chosen
   */
  function differences(detail, other) {
    if (!other) return el('p', { class: 'note' }, 'Choose a cell, or pin one, to see what differs.');
    const changes = falExp.diff.jsonDiff(other.arguments, detail.arguments);
    if (changes.length === 0) return el('p', { class: 'note' }, 'Both send the same arguments, digit for digit.');
    const tones = { added: 'good', removed: 'bad', changed: 'warn' };
    return table(['key', '', 'there', 'here'], changes.map((change) => {
      const isWordy = change.isText && change.before.length + change.after.length > 80;
      return [
        el('code', {}, change.path || 'all of it'), badge(change.kind, tones[change.kind]),
        isWordy ? '' : change.before ?? '–',
        isWordy ? el('span', { class: 'word-diff', dir: 'auto' }, ...words(change.before, change.after)) : change.after ?? '–',
      ];
    }), 'Payload diff');
  }

  falExp.payload = { prompt, returned, exact, differences };
})((globalThis.falExp = globalThis.falExp || {}));
