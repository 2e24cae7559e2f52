/* What the records say of a cell: asked and got, measurements, headers, ids, how to make it again. */
(function (falExp) {
  'use strict';

  const { el, link } = falExp.dom;
  const { part, partWith, facts, badge, table, copyButton, meaningOf } = falExp.lines;
  const COPIED = new Set(['cell', 'request id', 'sha256', 'endpoint']);

  /** Held, asked and got, property by property, with the mismatches marked. */
  function checks(detail) {
    const lines = detail.checks || [];
    if (lines.length === 0) return null;
    const missed = lines.filter((line) => (line.badge || '').startsWith('≠')).length;
    const head = badge(missed > 0 ? `≠ ${missed}` : '', 'warn') || '';
    return partWith('Asked and got', head, table(['', 'held', 'asked', 'got', ''], lines.map((line) => [
      line.what, line.held, line.asked, line.got,
      el('span', {}, badge(line.badge, line.tone), ' ', line.note && el('small', { dir: 'auto' }, line.note)),
    ]), 'Asked and got'));
  }

  function explained(meaning) {
    if (!meaning.says) return meaning.title;
    const better = meaning.better === 'neither' ? 'It describes; neither way is better.' : `${meaning.better} is better.`;
    return el('details', { class: 'meaning' },
      el('summary', { title: meaning.says }, meaning.title),
      el('p', {}, meaning.says), el('p', {}, better, ' ', meaning.limits));
  }

  /** @returns {Node|string} how a number differs from the other's, and whether that is better */
  function delta(own, others, meaning) {
    if (others === undefined) return '–';
    const apart = Number(own) - Number(others);
    const text = `${apart > 0 ? '+' : ''}${apart.toFixed(meaning.places)}`.replace('-', '−');
    if (Number(apart.toFixed(meaning.places)) === 0) return '=';
    if (meaning.better === 'neither') return text;
    const isBetter = apart > 0 === (meaning.better === 'higher');
    return el('span', { class: isBetter ? 'tone-good' : 'tone-bad' }, `${text} ${isBetter ? 'better' : 'worse'}`);
  }

  /**
   * Every measurement with its meaning, and how it differs from another cell's.
   * @param {object|null} other
   */
  function metrics(detail, other) {
    const own = detail.metrics || [];
    const theirs = new Map((other?.metrics || []).map((each) => [each.key, each.value]));
    const rows = own.map(({ key, value }) => {
      const meaning = meaningOf(key);
      return [explained(meaning), `${value} ${meaning.unit}`.trim(), ...(other ? [delta(value, theirs.get(key), meaning)] : [])];
    });
    return el('div', {},
      rows.length > 0 && table(['', 'here', ...(other ? ['against there'] : [])], rows, 'Measurements'),
      detail.metric_notes?.length > 0 && facts(detail.metric_notes));
  }

  function headers(detail) {
    const groups = detail.headers || [];
    if (groups.length === 0) return null;
    return part('Headers', ...groups.map((group) => el('div', { class: 'header-group' },
      el('h4', {}, group.title), facts(group.lines),
      group.left_out > 0 && el('p', { class: 'note' }, `and ${group.left_out} more; the file has them all`))));
  }

  function ids(detail) {
    const tool = (line) => COPIED.has(line.label) && copyButton(line.value, () => el('span', {}, line.value), line.label);
    return part('Ids and files', facts(detail.facts, tool), detail.links?.length > 0 && el('ul', { class: 'files' },
      ...detail.links.map((each) => el('li', {}, link(each.label, each.href)))));
  }

  function command(text, name) {
    const words = text.split(' ').flatMap((word) => [' ', el('span', {}, word)]);
    const code = el('code', {}, ...words.slice(1));
    return el('div', { class: 'command' }, el('pre', { tabindex: 0, 'aria-label': name }, code), copyButton(text, () => code));
  }

  function remake(detail) {
    const { remake: how } = detail;
    if (!how) return null;
    return part('Make it again', command(how.run, 'Command that makes the cell again'),
      el('p', { class: 'note' }, 'In the project’s folder. The same bytes are sent, so it is the same cell in a new batch. '
        + 'What it would cost, without sending anything:'),
      command(how.plan, 'Command that plans it'),
      how.changed?.length > 0 && el('p', { class: 'note tone-warn', dir: 'auto' },
        `Not what it was when the batch was planned: ${how.changed.join(', ')}. The batch’s own copy is used.`));
  }

  falExp.record = { checks, metrics, headers, ids, remake };
})((globalThis.falExp = globalThis.falExp || {}));
