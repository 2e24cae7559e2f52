/* A column of items of which most are only guessed at: where each begins, which stand in a window. */
(function (falExp) {
  'use strict';

  /** Heights of items one below the other: guesses until they are measured. */
  class Heights {
    /** @param {number[]} guessesPx */
    constructor(guessesPx) {
      this.heightsPx = Float64Array.from(guessesPx);
      this.topsPx = new Float64Array(guessesPx.length + 1);
      this.measured = new Uint8Array(guessesPx.length);
      this.validUpTo = 0;
    }

    get count() {
      return this.heightsPx.length;
    }

    get totalPx() {
      return this.topOf(this.count);
    }

    /** @returns {number} where an item begins; the end of the last one for `count` */
    topOf(item) {
      for (let each = this.validUpTo; each < item; each += 1) {
        this.topsPx[each + 1] = this.topsPx[each] + this.heightsPx[each];
      }
      this.validUpTo = Math.max(this.validUpTo, item);
      return this.topsPx[item];
    }

    /** Replace the guess of an item by what was measured. */
    set(item, heightPx) {
      this.measured[item] = 1;
      if (this.heightsPx[item] === heightPx) return;
      this.heightsPx[item] = heightPx;
      this.validUpTo = Math.min(this.validUpTo, item);
    }

    /** @returns {number} the item that covers a place, the first or last one outside of all */
    at(topPx) {
      let [low, high] = [0, this.count - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (this.topOf(middle) <= topPx) low = middle;
        else high = middle - 1;
      }
      return Math.max(0, low);
    }

    /**
     * Return the items that a window shows.
     * @returns {[number, number]}  first and last; last < first where it shows none
     */
    between(fromPx, toPx) {
      if (this.count === 0 || toPx <= 0 || fromPx >= this.totalPx) return [0, -1];
      return [this.at(fromPx), this.at(Math.max(fromPx, toPx - 1e-6))];
    }
  }

  /**
   * Return which of `count` columns of one width a window shows.
   * @param {{fromPx: number, widthPx: number, stepPx: number, extra: number}} window
   *   stepPx: from the start of one column to the next; extra: columns more at either side
   * @returns {[number, number]}  first and last
   */
  function columnsBetween(count, { fromPx, widthPx, stepPx, extra }) {
    const first = Math.floor(fromPx / stepPx) - extra;
    const last = Math.ceil((fromPx + widthPx) / stepPx) - 1 + extra;
    return [Math.min(count - 1, Math.max(0, first)), Math.max(0, Math.min(count - 1, last))];
  }

  /**
   * Return the gaps that stand for what is not drawn: before each drawn item, and after the last.
   * @param {number[]} drawn  items, ascending
   * @returns {number[]}  one more than items
   */
  function gaps(heights, drawn) {
    const before = drawn.map((item, at) => heights.topOf(item) - (at === 0 ? 0 : heights.topOf(drawn[at - 1] + 1)));
    const last = drawn.at(-1);
    return [...before, heights.totalPx - (last === undefined ? 0 : heights.topOf(last + 1))];
  }

  falExp.heights = { Heights, columnsBetween, gaps };
})((globalThis.falExp = globalThis.falExp || {}));
