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
    tile?.querySelector('.caption').replaceWith(caption(falExp.data.cells[index]));
  }

  function stateIcon(cell) {
    return icon(ICON_OF_STATE[cell.state] || ICON_OF_TONE[cell.tone]);
  }

  /** @returns {string} the cell in one sentence, for a screen reader */
  function spoken(cell) {
    const deviations = cell.deviations || [];
    return [
      falExp.data.columnOf(cell).title, falExp.data.columnOf(cell).variant, cell.run_label,
      cell.state_label, cell.reason, cell.cost_label && `cost ${cell.cost_label}`,
      cell.time_label && `took ${cell.time_label}`,
      deviations.length > 0 && `${countOf(deviations.length, 'deviation')}: ${deviations.join('; ')}`,
      cell.breach && `not strict: ${cell.breach}`,
    ].filter(Boolean).join(', ');
  }

  function countOf(count, noun) {
    return `${count} ${noun}${count === 1 ? '' : 's'}`;
  }

  /** @param {number} height  of the box ÷ its width */
  function build(index, height) {
    const cell = falExp.data.cells[index];
    return el('div', {
      class: `tile tone-${cell.tone}`, role: 'gridcell', tabindex: -1,
      'data-index': index, 'data-key': cell.key, 'data-state': cell.state,
      'aria-label': spoken(cell),
    }, media(cell, height), caption(cell));
  }

  function media(cell, height) {
    if (!cell.poster && !cell.video_href) return el('div', { class: 'media' }, absence(cell));
    const frame = el('div', { class: 'frame' });
    const part = falExp.geometry.fit(cell.poster || cell.sheet?.picture, height);
    frame.style.width = `${part.width}%`;
    frame.style.height = `${part.height}%`;
    frame.append(cell.poster ? poster(cell.poster) : el('div', { class: 'no-poster' }, icon('play')));
    return el('div', { class: 'media has-clip' }, frame,
      cell.state === 'done' ? null : el('span', { class: 'stamp' }, stateIcon(cell), cell.state_label),
      el('span', { class: 'unplayable-note' }, 'The clip is missing, or this browser cannot play it'),
      cell.sheet && cell.sheet.times_s.length > 0 && strip());
  }

  function poster(picture) {
    return el('img', {
      src: picture.href, width: picture.width_px, height: picture.height_px,
      alt: '', draggable: 'false',
    });
  }

  function strip() {
    return el('div', { class: 'strip', 'aria-hidden': 'true' },
      el('span', { class: 'strip-track' }), el('span', { class: 'strip-time' }));
  }

  function absence(cell) {
    return el('div', { class: 'absence' },
      el('span', { class: 'absence-state' }, stateIcon(cell), cell.state_label),
      cell.reason && el('span', { class: 'absence-reason', dir: 'auto', title: cell.reason }, cell.reason));
  }

  function caption(cell) {
    return el('div', { class: 'caption' },
      el('span', { class: 'who' }, el('span', { class: 'run' }, cell.run_label), ...badges(cell)),
      el('span', { class: 'figures' },
        cell.cost_label && el('span', { class: 'cost', title: 'cost' }, cell.cost_label),
        cell.time_label && el('span', { class: 'time', title: 'from submit to file' },
          icon('clock'), cell.time_label)),
      el('button', {
        class: 'open', type: 'button', tabindex: -1, title: 'Details',
        'aria-label': `Details of ${falExp.data.columnOf(cell).title}, ${cell.run_label}`,
      }, icon('expand')));
  }

  function badges(cell) {
    const deviations = cell.deviations || [];
    return [
      deviations.length > 0 && el('span', {
        class: 'badge tone-warn',
        title: `${countOf(deviations.length, 'deviation')} from what was held:\n${deviations.join('\n')}`,
      }, `≠ ${deviations.length}`),
      cell.breach && el('span', { class: 'badge tone-bad', title: cell.breach }, 'not strict'),
      ...decorators.map((decorator) => decorator(cell)),
    ];
  }

  /** An empty place: no such combination, or one that the filters hide. */
  function blank(kind) {
    const hidden = kind === falExp.layout.FILTERED;
    return el('div', {
      class: `blank${hidden ? ' blank-hidden' : ''}`, role: 'gridcell',
      'aria-label': hidden ? 'hidden by the filters' : 'not part of the matrix',
      title: hidden ? 'Hidden by the filters' : 'Not part of the matrix',
    });
  }

  falExp.tile = { build, decorate, refresh, blank, stateIcon, countOf };
})((globalThis.falExp = globalThis.falExp || {}));
