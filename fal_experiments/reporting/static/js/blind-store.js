/* What a rater has said so far, kept in the browser until it is sent back. */
(function (falExp) {
  'use strict';

  const place = (test, rater) => `blind.${test.bundle}.${rater}`;

  /**
   * @param {object[]} served  votes of this rater that a server kept: what the browser lost
   * @returns {{votes: object[], skipped: string[], taken_back: string[]}}
   */
  function read(test, rater, served) {
    const state = falExp.blindVotes.restored(falExp.memory.read(place(test, rater)), test);
    const here = new Set([...state.votes.map((vote) => vote.ballot), ...state.taken_back]);
    state.votes.unshift(...served.filter((vote) => !here.has(vote.ballot)));
    return state;
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
