/* Chance that can be had again: the same seed gives the same numbers, so a reload shows the same ballot. */
(function (falExp) {
  'use strict';

  /** @returns {number} 32 bits that follow from a text (FNV-1a) */
  function hash(text) {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(text)) {
      value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    }
    return value;
  }

  /** A stream of numbers from 0 up to 1 that follows from 32 bits (mulberry32). */
  class Chance {
    constructor(seed) {
      this.state = seed >>> 0;
    }

    next() {
      this.state = (this.state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    }

    /** @returns {number} a whole number from 0 to end - 1 */
    below(end) {
      return Math.floor(this.next() * end);
    }

    /** @returns {Array} the items in an order of which every one is as likely */
    shuffled(items) {
      const mixed = [...items];
      for (let last = mixed.length - 1; last > 0; last -= 1) {
        const other = this.below(last + 1);
        [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
      }
      return mixed;
    }
  }

  falExp.chance = { hash, Chance };
})((globalThis.falExp = globalThis.falExp || {}));
