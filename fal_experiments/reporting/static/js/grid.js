/* The grid: its sections, what of them is drawn, which cell is active. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const CHROME_GUESS_PX = 48;
  /**
   * @type {{plan: object|null, active: number|null, onPaper: boolean}}
   *   active: index of the cell that Tab reaches; onPaper: what is drawn stays as it is
   */
  const state = { plan: null, active: null, onPaper: false };
  let sections = [];
  /** Where each shown cell stands. @type {Map<number, {at: number, item: number, row: object, column: number}>} */
  let places = new Map();
  let chromePx = CHROME_GUESS_PX;

  /** Draw the plan anew. The active cell stays active, and the row under the eye stays there. */
  function render(plan) {
    const held = anchor();
    falExp.players.releaseAll();
    falExp.sync.unwatchAll();
    sections.forEach((section) => section.destroy());
    falExp.fold.settle(plan);
    state.plan = plan;
    falExp.colour.measure(plan);
    falExp.sizes.apply();
    build();
    update();
    if (held) restore(held, { orTop: true });
  }

  function build() {
    const { plan } = state;
    const { prompts } = falExp.data.batch;
    const titled = prompts.some((prompt) => prompt.task !== prompts[0].task);
    const sizes = { ...falExp.sizes.current(), chromePx };
    sections = plan.sections.map((section) => new falExp.Section(plan, section, sizes, titled));
    places = new Map();
    sections.forEach((section, at) => {
      if (section.section.pinnedRow) note(at, -1, section.section.pinnedRow);
      section.items.forEach((item, index) => item.row && note(at, index, item.row));
    });
    if (!places.has(state.active)) state.active = places.keys().next().value ?? null;
    byId('grid').replaceChildren(...sections.map((section) => section.element));
  }

  function note(at, item, row) {
    row.cells.forEach((cell, column) => {
      for (const each of row.stacks.get(column) || [cell]) if (each >= 0) places.set(each, { at, item, row, column });
    });
  }

  /** Draw what is near the window, and take away what is not. What is looked at stays where it is. */
  function update() {
    if (state.onPaper) return;
    const active = places.get(state.active);
    const held = anchor();
    sections.forEach((section, at) => {
      section.updateColumns();
      const topPx = section.rows.getBoundingClientRect().top;
      const keep = active?.at === at && active.item >= 0 ? [active.item] : [];
      section.update(Math.max(0, section.head.getBoundingClientRect().bottom) - topPx, innerHeight - topPx, keep);
    });
    if (held) moveTo(held);
    learn();
  }

  /* Rows that were never drawn are guessed at by those that were. */
  function learn() {
    for (const { drawn, items, sizes } of sections) {
      for (const [item, line] of drawn) {
        if (!items[item].row) continue;
        chromePx = Math.max(0, line.offsetHeight - sizes.tilePx * line.falExpHeight);
        return;
      }
    }
  }

  /**
   * Return the first row below what sticks to the top, and where it stands in the window.
   * @returns {{task: string, key: string, topPx: number}|null}  null: the rows begin below that
   */
  function anchor() {
    if (state.onPaper) return null;
    for (const section of sections) {
      const headPx = section.head.getBoundingClientRect().bottom;
      const rowsPx = section.rows.getBoundingClientRect();
      if (rowsPx.bottom <= headPx || section.items.length === 0) continue;
      if (rowsPx.top >= headPx - 1) return null;
      const item = steady(section, section.heights.at(headPx - rowsPx.top));
      return { task: section.section.task, key: section.items[item].row.key, topPx: rowsPx.top + section.heights.topOf(item) };
    }
    return null;
  }

  /* The first row from an item on whose height is known: a guess would move what stands below it. */
  function steady({ items, drawn }, from) {
    const last = Math.min(items.length, from + 8);
    for (let item = from; item < last; item += 1) if (items[item].row && drawn.has(item)) return item;
    return items[from].group ? from + 1 : from;
  }

  /**
   * Scroll so that the row of an anchor stands where it stood.
   * @param {{orTop?: boolean}} [options]  orTop: to the top of the grid where the row is gone
   */
  function restore(held, { orTop = false } = {}) {
    if (!held) return;
    if (!moveTo(held)) {
      const topPx = byId('grid').getBoundingClientRect().top - byId('toolbar').offsetHeight;
      if (!orTop || topPx >= 0) return;
      scrollBy(0, topPx);
    }
    update();
  }

  /** @returns {boolean} whether the row of the anchor is still there */
  function moveTo({ task, key, topPx }) {
    const section = sections.find((each) => each.section.task === task);
    const item = section ? section.itemOf(key) : -1;
    if (item < 0) return false;
    const nowPx = section.rows.getBoundingClientRect().top + section.heights.topOf(item);
    if (Math.abs(nowPx - topPx) >= 0.5) scrollBy(0, nowPx - topPx);
    return true;
  }

  /** Draw everything anew at other sizes; the row of the anchor stays where it was. */
  function resize(held) {
    if (!state.plan || state.onPaper) return;
    const focused = document.activeElement?.closest('.tile') !== null && document.activeElement?.matches('.tile');
    falExp.players.releaseAll();
    falExp.sync.unwatchAll();
    sections.forEach((section) => section.destroy());
    build();
    update();
    restore(held);
    if (focused) tileOf(state.active)?.focus({ preventScroll: true });
  }

  /** @returns {HTMLElement|null} the tile of a cell, if it is drawn */
  function tileOf(index) {
    const place = places.get(index);
    if (!place || place.row.cells[place.column] !== index) return null;
    const line = sections[place.at].lines().find((each) => each.falExpRow === place.row);
    return line?.querySelector(`.tile[data-index="${index}"]`) ?? null;
  }

  function frameOf(index) {
    return tileOf(index)?.querySelector('.frame') ?? null;
  }

  /** Make a cell the one that Tab reaches, and focus it if asked to. */
  function activate(index, { focus = false } = {}) {
    const place = places.get(index);
    if (!place) return;
    if (place.row.cells[place.column] !== index) falExp.fold.show(index, place.row.stacks.get(place.column));
    const before = tileOf(state.active);
    if (before) before.tabIndex = -1;
    state.active = index;
    if (!tileOf(index)) {
      update();
      sections[place.at].drawActive(place.row);
    }
    const tile = tileOf(index);
    tile.tabIndex = 0;
    if (!focus) return;
    tile.focus({ preventScroll: true });
    reveal(sections[place.at], tile);
  }

  /** Scroll until a tile stands clear of what sticks to the edges. */
  function reveal(section, tile) {
    for (let turn = 0; turn < 3; turn += 1) {
      const box = tile.getBoundingClientRect();
      const headPx = section.pinned?.contains(tile) ? 0 : section.head.getBoundingClientRect().height
        + parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--bar'));
      const roomPx = innerHeight - falExp.sizes.current().bottomPx;
      const upPx = box.top < headPx || box.height > roomPx - headPx ? box.top - headPx - 8 : Math.max(0, box.bottom - roomPx);
      if (Math.abs(upPx) < 1) break;
      scrollBy(0, upPx);
      update();
    }
    revealAcross(section, tile);
  }

  function revealAcross({ scroller, section }, tile) {
    if (tile.classList.contains('pinned')) return;
    const { labelPx, stepPx, tilePx } = falExp.sizes.current();
    const leftPx = Number(tile.style.getPropertyValue('--col')) * stepPx;
    const stickyPx = section.columnPinned ? stepPx : 0;
    const seenPx = scroller.clientWidth - labelPx;
    if (leftPx - stickyPx < scroller.scrollLeft) scroller.scrollLeft = leftPx - stickyPx;
    else if (leftPx + tilePx > scroller.scrollLeft + seenPx) scroller.scrollLeft = leftPx + tilePx - seenPx;
  }

  /** @returns {number[]|null} all cells of the place of a cell, where there are several */
  function stackOf(index) {
    const place = places.get(index);
    return place?.row.stacks.get(place.column) ?? null;
  }

  /** Bring a cell to the top of its place. */
  function putOnTop(index) {
    const { at, row, column } = places.get(index);
    if (row.cells[column] === state.active) state.active = index;
    row.cells[column] = index;
    sections[at].redraw(row, column);
  }

  /** @returns {Context} what the tile of a cell shows of its place */
  function contextOf(index, height = null) {
    const { at, row, column } = places.get(index);
    const view = falExp.view.get();
    const base = falExp.pins.baseOf(view, sections[at].section, row, column);
    return {
      height: height ?? tileOf(index).closest('.line').falExpHeight, column, stack: row.stacks.get(column),
      base: base === null ? null : falExp.data.cells[base],
      isBase: falExp.pins.isPinned(view, 'cell', falExp.data.cells[index].key),
      colour: falExp.colour.contextOf(row, column),
    };
  }

  function start() {
    let asked = 0;
    const soon = () => { asked = asked || requestAnimationFrame(() => { asked = 0; update(); }); };
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
  }

  falExp.grid = {
    state, render, resize, update, anchor, restore, tileOf, frameOf, activate, stackOf, putOnTop, contextOf, start,
    sections: () => sections,
  };
})((globalThis.falExp = globalThis.falExp || {}));
