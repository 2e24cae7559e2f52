/* One cell of the grid, drawn by its state. */
(function (falExp) {
  'use strict';

  const { el, icon } = falExp.dom;
  const ICON_OF_STATE = {
    failed: 'cross', rejected: 'refused', unsupported: 'slash', excluded: 'minus',
    duplicate: 'copy', over_budget: 'wallet', pending: 'clock', submitting: 'upload',
    queued: 'clock', running: 'run', downloading: 'download', submission_unknown: 'question',
    abandoned: 'minus', cancelled: 'minus', timed_out: 'clock', download_lost: 'cross', paused: 'wallet',
    done: 'check',
  };
  const ICON_OF_TONE = {
    good: 'check', bad: 'cross', warn: 'wallet', busy: 'clock', idle: 'minus', person: 'question',
  };

  /** @type {((cell: object) => Node|null)[]} */
  const decorators = [];

  /** Add what `decorator` makes of a cell to the badges of its tile. */
  function decorate(decorator) {
    decorators.push(decorator);
  }

  /** Draw the words and badges of a cell's tile anew, if it stands in the grid; its clip plays on. */
  function refresh(key) {
    const index = falExp.data.indexOf.get(key);
    const tile = index === undefined ? null : falExp.grid.tileOf(index);
    if (!tile) return;
    const { caption: words, name } = wordsOf(index, falExp.grid.contextOf(index));
    tile.querySelector('.caption').replaceWith(words);
    tile.setAttribute('aria-label', name);
  }

  function stateIcon(cell) {
    return icon(ICON_OF_STATE[cell.state] || ICON_OF_TONE[cell.tone]);
  }

  function countOf(count, noun) {
    return `${count} ${noun}${count === 1 ? '' : 's'}`;
  }

  /**
   * @typedef {object} Context  what a tile shows of its place
   * @property {number} height   of the row's boxes ÷ their width
   * @property {number} column   from 0
   * @property {number[]} [stack]  all cells of the place, where there are several
   * @property {object|null} base  the cell that it is held against
   * @property {boolean} isBase    whether it is pinned itself
   * @property {{metric: object, span: object|null, mark: 'best'|'worst'|null}|null} colour
   */

  /**
   * @param {number} index
   * @param {Context} context
   */
  function build(index, context) {
    const cell = falExp.data.cells[index];
    const { caption: words, name } = wordsOf(index, context);
    const tile = el('div', {
      class: `tile tone-${cell.tone}${context.isBase ? ' base' : ''}`, role: 'gridcell', tabindex: -1,
      'aria-colindex': context.column + 2, 'data-index': index, 'data-key': cell.key, 'data-state': cell.state,
      'aria-label': name,
    }, media(cell, context.height), context.stack && falExp.fold.bar(index, context.stack),
    context.colour && falExp.colour.bar(cell, context.colour), words);
    tile.style.setProperty('--col', String(context.column));
    return tile;
  }

  function media(cell, height) {
    if (!cell.poster && !cell.video_href) return el('div', { class: 'media' }, absence(cell));
    const frame = el('div', { class: 'frame' });
    const part = falExp.geometry.fit(cell.poster || cell.sheet?.picture, height);
    frame.style.width = `${part.width}%`;
    frame.style.height = `${part.height}%`;
    frame.append(cell.poster ? poster(cell.poster) : el('div', { class: 'no-poster' }, icon('play')));
    return el('div', { class: `media has-clip${cell.sheet?.times_s.length > 0 ? ' has-strip' : ''}` }, frame,
      cell.state === 'done' ? null : el('span', { class: 'stamp' }, stateIcon(cell), cell.state_label));
  }

  function poster(picture) {
    return el('img', {
      src: picture.href, width: picture.width_px, height: picture.height_px, alt: '', draggable: 'false',
    });
  }

  /** Return the strip that scrubs the contact sheet; a tile gets it when someone turns to it. */
  function strip() {
    return el('div', { class: 'strip', 'aria-hidden': 'true' },
      el('span', { class: 'strip-track' }), el('span', { class: 'strip-time' }));
  }

  function absence(cell) {
    return el('div', { class: 'absence' },
      el('span', { class: 'absence-state' }, stateIcon(cell), cell.state_label),
      cell.reason && el('span', { class: 'absence-reason', dir: 'auto', title: cell.reason }, cell.reason));
  }

  /** @returns {{caption: HTMLElement, name: string}} what a tile says, and the same for a screen reader */
  function wordsOf(index, context) {
    const cell = falExp.data.cells[index];
    const badges = badgesOf(cell, context);
    const deltas = context.base ? falExp.pins.deltas(cell, context.base, context.colour?.metric.key) : [];
    const caption = el('div', { class: 'caption' },
      el('span', { class: 'run' }, cell.run_label), ...badges,
      cell.cost_label && el('span', { class: 'cost', title: 'cost' }, cell.cost_label),
      cell.time_label && el('span', { class: 'time', title: 'from submit to file' }, cell.time_label),
      el('button', {
        class: 'open', type: 'button', tabindex: -1, title: 'Details',
        'aria-label': `Details of ${falExp.data.nameOf(cell)}, ${cell.run_label}`,
      }),
      deltas.length > 0 && el('span', { class: 'deltas' }, ...deltas.map(({ label, text, word, tone }) => (
        el('span', { class: `tone-${tone}`, title: `${label} against the baseline` }, `${text} ${word}`)))));
    return { caption, name: spoken(cell, badges, deltas, context) };
  }

  /** @returns {string} the cell in one sentence */
  function spoken(cell, badges, deltas, { colour, stack }) {
    const value = colour && falExp.data.number(cell, colour.metric.key);
    return [
      falExp.data.nameOf(cell), cell.run_label, cell.state_label, cell.reason,
      cell.cost_label && `cost ${cell.cost_label}`, cell.time_label && `took ${cell.time_label}`,
      colour && `${colour.metric.label} ${falExp.scores.format(colour.metric, value)}`,
      colour?.mark && `${colour.mark} of the row`,
      ...badges.filter((badge) => badge && !badge.matches('input, button, label')).map((badge) => badge.getAttribute('aria-label') || badge.title || badge.textContent),
      ...deltas.map(({ label, text, word }) => `${label} ${text} ${word} than the baseline`),
      stack && `one of ${stack.length} in this place`,
    ].filter(Boolean).join(', ');
  }

  function badgesOf(cell, { isBase }) {
    const deviations = cell.deviations || [];
    return [
      isBase && el('span', { class: 'badge baseline', title: 'the baseline that others are held against' }, 'baseline'),
      deviations.length > 0 && el('span', {
        class: 'badge tone-warn', 'aria-label': `${countOf(deviations.length, 'deviation')}: ${deviations.join('; ')}`,
        title: `${countOf(deviations.length, 'deviation')} from what was held:\n${deviations.join('\n')}`,
      }, `≠ ${deviations.length}`),
      cell.breach && el('span', { class: 'badge tone-bad', title: `not strict: ${cell.breach}` }, 'not strict'),
      ...decorators.map((decorator) => decorator(cell)),
    ];
  }

  /** An empty place: no such combination, or one that the filters hide. */
  function blank(kind, column) {
    const hidden = kind === falExp.layout.FILTERED;
    const place = el('div', {
      class: `blank${hidden ? ' blank-hidden' : ''}`, role: 'gridcell', 'aria-colindex': column + 2,
      'aria-label': hidden ? 'hidden by the filters' : 'not part of the matrix',
      title: hidden ? 'Hidden by the filters' : 'Not part of the matrix',
    });
    place.style.setProperty('--col', String(column));
    return place;
  }

  falExp.tile = { build, blank, strip, decorate, refresh, stateIcon, countOf };
})((globalThis.falExp = globalThis.falExp || {}));
