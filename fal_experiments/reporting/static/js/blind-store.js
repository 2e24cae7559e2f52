/* What a rater has said so far, kept in the browser until it is sent back. */
(function (falExp) {
  'use strict';

  const place = (test, rater) => `blind.${test.bundle}.${rater}`;

  /** @returns {{votes: object[], skipped: string[]}} */
  function read(test, rater) {
    return falExp.blindVotes.restored(falExp.memory.read(place(test, rater)), test);
  }

  /** @returns {boolean} false when the browser keeps nothing: then only a download saves the votes */
  function write(test, rater, state) {
    try {
      falExp.memory.write(place(test, rater), JSON.stringify(state));
      return falExp.memory.read(place(test, rater)) !== null;
    } catch {
      return false;
    }
  }

  falExp.blindStore = {
    read, write,
    lastRater: (test) => falExp.memory.read(`blind.${test.bundle}.rater`) || '',
    rememberRater(test, rater) {
      try {
        falExp.memory.write(`blind.${test.bundle}.rater`, rater);
      } catch {
        /* the name is asked for again, no more */
      }
    },
  };
})((globalThis.falExp = globalThis.falExp || {}));
