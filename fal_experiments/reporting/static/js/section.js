/* One section of the grid: heads, and of its rows and columns only those near the window. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  /** Drawn beyond the window. */
  const NEAR_PX = 120;
  const NEAR_COLUMNS = 1;
  const BAND_GUESS_PX = 64;
  /** A pinned row takes no more of the window than this. */
  const PINNED_PART = 0.22;

  class Section {
    /**
     * @param {object} plan     the arranged page
     * @param {object} section  one of its sections
     * @param {{tilePx: number, stepPx: number, chromePx: number}} sizes  chromePx: of a row beside its boxes
     */
    constructor(plan, section, sizes, titled) {
      Object.assign(this, { plan, section, sizes });
      this.items = section.groups.flatMap((group) => [
        ...(plan.banded ? [{ group }] : []), ...group.rows.map((row) => ({ row })),
      ]);
      this.drawn = new Map();
      this.columns = [0, -1];
      this.heights = new falExp.heights.Heights(this.items.map((item) => this.#guess(item)));
      this.observer = new ResizeObserver((entries) => this.#onResize(entries));
      this.#build(titled);
    }

    #build(titled) {
      const { section } = this;
      this.headLine = el('div', { class: 'line columns', role: 'row', 'aria-rowindex': 1 },
        el('div', { class: 'corner', role: 'columnheader', 'aria-label': 'Row' }));
      this.head = el('div', { class: 'head', role: 'rowgroup' }, this.headLine);
      this.pinned = null;
      if (section.pinnedRow) {
        this.pinned = this.#line(section.pinnedRow, 0, true);
        this.head.append(this.pinned);
      }
      this.rows = el('div', { class: 'rows', role: 'rowgroup' });
      this.scroller = el('div', { class: 'scroller' }, this.rows);
      this.scroller.addEventListener('scroll', () => this.#onScrollX(), { passive: true });
      this.grid = el('div', {
        class: 'grid', role: 'grid', 'aria-label': `Clips, ${section.task}`,
        'aria-rowcount': this.items.length + (section.pinnedRow ? 2 : 1), 'aria-colcount': section.columns.length + 1,
      }, this.head, this.scroller);
      this.grid.style.setProperty('--columns', String(section.columns.length));
      this.element = el('section', { class: 'task' }, titled && el('h2', {}, section.task), this.grid);
      this.#space();
      new ResizeObserver(() => this.grid.style.setProperty('--head', `${this.head.offsetHeight}px`)).observe(this.head);
    }

    #guess(item) {
      if (item.group) return BAND_GUESS_PX;
      return this.sizes.tilePx * this.#heightOf(item.row) + this.sizes.chromePx;
    }

    #heightOf(row) {
      row.height = row.height ?? falExp.geometry.boxHeight(
        row.cells.filter((cell) => cell >= 0).map((cell) => falExp.data.cells[cell]));
      return row.height;
    }

    /* Column heads and a pinned row scroll with the rows; what comes near is drawn. */
    #onScrollX() {
      this.head.scrollLeft = this.scroller.scrollLeft;
      this.updateColumns();
    }

    /** Draw the columns near the window. @param {boolean} [all]  for paper */
    updateColumns(all = false) {
      const { scroller, section, sizes } = this;
      const [first, last] = falExp.heights.columnsBetween(section.columns.length, {
        fromPx: scroller.scrollLeft, widthPx: scroller.clientWidth, stepPx: sizes.stepPx, extra: NEAR_COLUMNS,
      });
      const far = sizes.labelPx + section.columns.length * sizes.stepPx - scroller.clientWidth - scroller.scrollLeft;
      this.grid.dataset.more = `${scroller.scrollLeft > 1 ? 'left ' : ''}${far > sizes.stepPx / 4 ? 'right' : ''}`;
      const next = all ? [0, section.columns.length - 1] : [first, last];
      if (next[0] === this.columns[0] && next[1] === this.columns[1]) return;
      this.columns = next;
      this.#syncLine(this.headLine, (column) => this.#head(column));
      for (const line of this.lines()) this.#fillLine(line);
    }

    /** @returns {number} the item of a row, -1 where it is not here */
    itemOf(key) {
      this.itemsByKey = this.itemsByKey ?? new Map(this.items.map(({ row }, item) => [row?.key, item]));
      return this.itemsByKey.get(key) ?? -1;
    }

    lines() {
      const rows = [...this.drawn.values()].filter((line) => line.falExpRow);
      return this.pinned ? [this.pinned, ...rows] : rows;
    }

    /* Beside the columns near the window: the pinned one, and the cell that Tab enters at. */
    #wants(line, column) {
      return (column >= this.columns[0] && column <= this.columns[1])
        || (column === 0 && this.section.columnPinned) || line.falExpRow?.cells[column] === falExp.grid.state.active;
    }

    #head(column) {
      const { columns, columnPinned } = this.section;
      return falExp.heads.columnHead(columns[column], column, columnPinned && column === 0, () => this.cellsOf(column));
    }

    cellsOf(column) {
      return falExp.layout.rowsOf(this.section).flatMap((row) => row.stacks.get(column) || row.cells[column])
        .filter((cell) => cell >= 0).map((cell) => falExp.data.cells[cell]);
    }

    #line(row, index, isPinned = false) {
      const own = this.#heightOf(row);
      const height = isPinned ? Math.min(own, (innerHeight * PINNED_PART) / this.sizes.tilePx) : own;
      return falExp.line.make(row, { index, height, isPinned, banded: this.plan.banded });
    }

    #fillLine(line) {
      const { falExpRow: row } = line;
      this.#syncLine(line, (column) => this.#tile(line, row, column));
    }

    #tile(line, row, column) {
      const cell = row.cells[column];
      const tile = cell >= 0 ? falExp.tile.build(cell, falExp.grid.contextOf(cell, line.falExpHeight)) : falExp.tile.blank(cell, column);
      if (column === 0 && this.section.columnPinned) tile.classList.add('pinned');
      if (cell >= 0) {
        tile.tabIndex = cell === falExp.grid.state.active ? 0 : -1;
        falExp.sync.watch(tile);
      }
      return tile;
    }

    #syncLine(line, make) {
      falExp.line.sync(line, this.section.columns.length, (column) => this.#wants(line, column), make);
    }

    /**
     * Draw the items near the window, and take away the others.
     * @param {number} topPx     top of what is seen of the rows, counted from the window's top
     * @param {number} bottomPx
     * @param {number[]} keep    items that stay whatever is seen
     */
    update(topPx, bottomPx, keep = []) {
      const [first, last] = this.heights.between(topPx - NEAR_PX, bottomPx + NEAR_PX);
      const wanted = new Set(keep);
      for (let item = first; item <= last; item += 1) wanted.add(item);
      for (const [item, element] of this.drawn) if (!wanted.has(item)) this.#drop(item, element);
      let before = null;
      const fresh = [];
      for (const item of [...wanted].sort((a, b) => a - b)) {
        if (!this.drawn.has(item)) {
          this.drawn.set(item, this.#draw(item));
          fresh.push(item);
        }
        const element = this.drawn.get(item);
        if (before ? before.nextElementSibling !== element : this.rows.firstElementChild !== element) {
          if (before) before.after(element);
          else this.rows.prepend(element);
        }
        before = element;
      }
      this.#space();
      if (fresh.length > 0) this.#measure(fresh);
    }

    #draw(item) {
      const { group, row } = this.items[item];
      const element = group ? falExp.heads.promptBand(group) : this.#line(row, item);
      if (row) this.#fillLine(element);
      element.falExpItem = item;
      this.observer.observe(element);
      return element;
    }

    #drop(item, element) {
      this.drawn.delete(item);
      this.observer.unobserve(element);
      falExp.line.empty(element);
      element.remove();
    }

    #measure(items) {
      for (const item of items) {
        const element = this.drawn.get(item);
        if (this.items[item].group) falExp.heads.offerRest(element);
        this.heights.set(item, element.getBoundingClientRect().height);
      }
      this.#space();
    }

    #onResize(entries) {
      const anchor = falExp.grid.anchor();
      let changed = false;
      for (const { target } of entries) {
        const heightPx = target.getBoundingClientRect().height;
        if (!target.isConnected || Math.abs(this.heights.heightsPx[target.falExpItem] - heightPx) < 0.5) continue;
        this.heights.set(target.falExpItem, heightPx);
        changed = true;
      }
      if (!changed) return;
      this.#space();
      falExp.grid.restore(anchor);
    }

    /* What is not drawn is the distance of what is. */
    #space() {
      const items = [...this.drawn.keys()].sort((a, b) => a - b);
      const gaps = falExp.heights.gaps(this.heights, items);
      items.forEach((item, at) => { this.drawn.get(item).style.marginTop = `${gaps[at]}px`; });
      this.rows.style.paddingBottom = `${gaps.at(-1)}px`;
    }

    /** Draw one place anew. */
    redraw(row, column) {
      const line = this.lines().find((each) => each.falExpRow === row);
      if (line) falExp.line.replace(line, column, this.#tile(line, row, column));
    }

    /** Draw every column of the first rows, for paper. @returns {number} how many rows */
    unroll(rows) {
      const wanted = [];
      let count = 0;
      for (let item = 0; item < this.items.length && count < rows; item += 1) {
        wanted.push(item);
        if (this.items[item].row) count += 1;
      }
      this.updateColumns(true);
      this.update(-1e9, -1e9, wanted);
      this.rows.classList.add('unrolled');
      return count;
    }

    roll() {
      this.rows.classList.remove('unrolled');
    }

    drawActive(row) {
      const line = this.lines().find((each) => each.falExpRow === row);
      if (line) this.#fillLine(line);
    }

    destroy() {
      this.observer.disconnect();
    }
  }

  falExp.Section = Section;
})((globalThis.falExp = globalThis.falExp || {}));
