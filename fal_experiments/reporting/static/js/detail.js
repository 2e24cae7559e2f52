/* Everything about one cell, as the drawer shows it. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const { part, listed } = falExp.lines;
  /** One column: what stands at the top of the side follows the clip. As in drawer.css. */
  const oneColumn = matchMedia('(max-width: 900px)');
  const registered = [];

  /**
   * Add a part of another module to the side of every drawer.
   * @param {(cell: object, detail: object|null) => Node|null} make  null: nothing to show here
   * @param {{place?: 'top'|'side'}} [options]  top: before everything else at the side
   */
  function registerPart(make, { place = 'side' } = {}) {
    registered.push({ make, place });
  }

  function partsAt(place, cell, detail) {
    return registered.filter((each) => each.place === place).map((each) => each.make(cell, detail));
  }

  function failure(detail) {
    return detail.failure && part('What the provider said',
      el('pre', { class: 'failure', tabindex: 0, dir: 'auto' }, detail.failure));
  }

  function mainParts(detail, video) {
    return [
      failure(detail), falExp.clip.sound(detail, video), falExp.record.checks(detail),
      falExp.payload.prompt(detail), falExp.payload.returned(detail), falExp.payload.exact(detail),
      el('div', { class: 'against-payload' }), falExp.record.remake(detail), falExp.record.headers(detail),
    ];
  }

  function sideParts(cell, detail) {
    return [
      cell.breach && part('Not strict', el('p', { class: 'tone-bad', dir: 'auto' }, cell.breach)),
      listed('Money', detail.money), falExp.times.build(detail.attempts),
      listed('What judges said', detail.verdicts), el('div', { class: 'against-metrics' }),
      listed('Scores of plug-ins', detail.scores), falExp.record.ids(detail),
    ];
  }

  /**
   * @param {object} cell
   * @param {object|null} detail  null: the report carries no details of this cell
   * @returns {HTMLElement}
   */
  function build(cell, detail) {
    const player = falExp.clip.player(cell);
    const video = player?.tagName === 'VIDEO' ? player : null;
    const main = [falExp.clip.absence(cell), player, falExp.clip.sheet(cell, video)];
    const side = [];
    (oneColumn.matches ? main : side).push(...partsAt('top', cell, detail));
    if (detail === null) main.push(el('p', { class: 'note' }, 'The report carries no details of this cell.'));
    else {
      main.push(...mainParts(detail, video));
      side.push(...sideParts(cell, detail));
    }
    side.push(...partsAt('side', cell, detail));
    return el('div', { class: 'drawer-body' }, el('div', { class: 'drawer-main' }, ...main),
      el('div', { class: 'drawer-side' }, ...side));
  }

  falExp.detail = { build, registerPart };
})((globalThis.falExp = globalThis.falExp || {}));
