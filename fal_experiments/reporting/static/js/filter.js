/* Which cells the filters let through: words, states, hidden values, numbers, and what others add. */
(function (falExp) {
  'use strict';

  /**
   * @typedef {object} Filter  a filter of another script
   * @property {string[]} fields  names of its fields in the view
   * @property {(view: object) => ((cell: object) => boolean)|null} test  null: lets everything through
   * @property {(view: object) => string|null} label  what it asks for, in words; null: nothing
   * @property {() => Node} [control]  made once, put into the filter panel
   */

  /** @type {Filter[]} */
  const others = [];
  const PATTERN = /^\/(.+)\/([a-z]*)$/su;

  /** Add a filter. Its view fields are registered with falExp.hash. */
  function register(filter) {
    others.push(filter);
  }

  /** Bring text to one form, so that full-width and composed letters are found too. */
  function fold(text) {
    return text.normalize('NFKC').toLowerCase();
  }

  /**
   * Read what a person typed: words, each of which must occur, or /a pattern/.
   * @returns {{words: string[], pattern: RegExp|null, problem: string|null}}
   */
  function parse(query) {
    const text = query.trim();
    const [, source, flags] = PATTERN.exec(text) || [];
    if (source === undefined) return { words: fold(text).split(/\s+/).filter(Boolean), pattern: null, problem: null };
    try {
      const pattern = new RegExp(source, `${flags.replace(/[gyuv]/g, '')}u`);
      return { words: [], pattern, problem: null };
    } catch (error) {
      const reason = error.message.replace(/^Invalid regular expression: /, '');
      return { words: [], pattern: null, problem: `Not a pattern yet, so nothing is filtered by it: ${reason}` };
    }
  }

  const promptTexts = new WeakMap();

  /** @returns {string[]} everything that a person may type to find a cell; the prompt's text is shared */
  function textsOf(cell) {
    const { data } = falExp;
    const prompt = data.promptOf(cell);
    if (prompt && !promptTexts.has(prompt)) promptTexts.set(prompt, [prompt.text, prompt.task].join('\n'));
    if (!cell.ownText) {
      const preset = data.presetOf(cell);
      const values = data.batch.axes.map((axis) => data.valueOf(cell, axis.key)).filter(Boolean);
      cell.ownText = [
        prompt?.id, preset?.title, preset?.key, preset?.endpoint,
        ...values.flatMap((value) => [value.label, value.key]),
        cell.run_label, cell.state_label, cell.reason, cell.breach, cell.key, ...(cell.deviations || []),
      ].filter(Boolean).join('\n');
    }
    return [cell.ownText, prompt ? promptTexts.get(prompt) : ''];
  }

  const folded = new Map();

  /** Folding is slow and texts repeat: each is folded once. */
  function foldOnce(text) {
    if (!folded.has(text)) folded.set(text, fold(text));
    return folded.get(text);
  }

  function textTest(query) {
    const { words, pattern } = parse(query);
    if (pattern) return (cell) => textsOf(cell).some((text) => pattern.test(text));
    if (words.length === 0) return null;
    return (cell) => {
      const texts = textsOf(cell).map(foldOnce);
      return words.every((word) => texts.some((text) => text.includes(word)));
    };
  }

  function hiddenTest(hidden) {
    const { axes } = falExp.data.batch;
    const away = axes.map((axis) => axis.values.map(({ key }) => hidden.has(falExp.axes.nameOf(axis.key, key))));
    if (!away.some((axis) => axis.includes(true))) return null;
    return (cell) => !cell.at.some((value, axis) => away[axis][value]);
  }

  /** @returns {(cell: object) => boolean} whether all filters of the view let a cell through */
  function compile(view) {
    const tests = [
      view.states.size > 0 && ((cell) => !view.states.has(cell.state)),
      hiddenTest(view.hidden),
      ...Object.entries(view.ranges).map(([key, range]) => (cell) => inRange(falExp.data.number(cell, key), range)),
      textTest(view.query),
      ...others.map((filter) => filter.test(view)),
    ].filter(Boolean);
    return (cell) => tests.every((test) => test(cell));
  }

  /** @param {{min?: number|null, max?: number|null, unknown?: boolean}} range */
  function inRange(value, { min, max, unknown }) {
    if (value === null || value === undefined) return Boolean(unknown);
    return (min ?? -Infinity) <= value && value <= (max ?? Infinity);
  }

  /**
   * Return what is filtered by, in words, each with the change of the view that drops it.
   * @returns {{label: string, patch: object}[]}
   */
  function active(view) {
    const { batch } = falExp.data;
    const empty = falExp.hash.emptyView();
    const found = [];
    if (view.query.trim()) found.push({ label: `words “${view.query.trim()}”`, patch: { query: '' } });
    if (view.states.size > 0) {
      const labels = [...view.states].map((state) => batch.states?.[state]?.label || state);
      found.push({ label: `hidden: ${labels.join(', ')}`, patch: { states: new Set() } });
    }
    for (const axis of batch.axes) {
      const prefix = falExp.axes.nameOf(axis.key, '');
      const own = [...view.hidden].filter((name) => name.startsWith(prefix));
      if (own.length === 0) continue;
      const rest = new Set([...view.hidden].filter((name) => !name.startsWith(prefix)));
      found.push({ label: `hidden: ${own.length} of ${axis.values.length} in ${axis.label}`, patch: { hidden: rest } });
    }
    for (const [key, range] of Object.entries(view.ranges)) {
      const { [key]: _, ...rest } = view.ranges;
      found.push({ label: falExp.scores.rangeLabel(metricOf(key), range), patch: { ranges: rest } });
    }
    for (const filter of others) {
      const label = filter.label(view);
      if (!label) continue;
      found.push({ label, patch: Object.fromEntries(filter.fields.map((name) => [name, empty[name]])) });
    }
    return found;
  }

  function metricOf(key) {
    return falExp.data.batch.metrics.find((metric) => metric.key === key) || { key, label: key, unit: '', places: 2 };
  }

  /** @returns {string[]} the fields of the view that decide which cells are shown */
  function fields() {
    return ['query', 'states', 'hidden', 'ranges', ...others.flatMap((filter) => filter.fields)];
  }

  /** @returns {object} the change of the view that lets every cell through */
  function cleared() {
    const empty = falExp.hash.emptyView();
    return Object.fromEntries(fields().map((name) => [name, empty[name]]));
  }

  /* As `key=min~max`, an open end is left out, `~u` at the end keeps cells whose number is unknown. */
  falExp.hash.register('ranges', {
    empty: () => ({}),
    read: (parameters) => Object.fromEntries(parameters.getAll('range').map(readRange).filter(Boolean)),
    write: (ranges, parameters) => {
      for (const key of Object.keys(ranges).sort()) {
        const { min, max, unknown } = ranges[key];
        parameters.append('range', `${key}=${min ?? ''}~${max ?? ''}${unknown ? '~u' : ''}`);
      }
    },
  });

  function readRange(text) {
    const [, key, min, max, unknown] = /^(.+)=([-+.\de]*)~([-+.\de]*)(~u)?$/.exec(text) || [];
    if (!key || Number.isNaN(Number(min)) || Number.isNaN(Number(max))) return null;
    const end = (part) => (part === '' ? null : Number(part));
    return [key, { min: end(min), max: end(max), unknown: Boolean(unknown) }];
  }

  falExp.filter = { register, parse, compile, inRange, active, fields, cleared, metricOf, controls: () => others };
})((globalThis.falExp = globalThis.falExp || {}));
