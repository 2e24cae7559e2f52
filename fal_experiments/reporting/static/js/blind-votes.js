/* A vote as it is saved: one JSON object a line, in the bundle's random names. */
(function (falExp) {
  'use strict';

  /** From this share of its length on, a clip counts as seen. blind_votes.py has the same number. */
  const SEEN_WHOLE = 0.8;

  const isSeen = (share) => share >= SEEN_WHOLE;

  /**
   * Return the vote on a ballot.
   * @param {{outcome?: string, best?: string, worst?: string}} answer
   * @param {{rater: string, at: string, seen: number[]}} circumstances
   */
  function record(test, ballot, answer, { rater, at, seen }) {
    return {
      v: 1,
      at,
      rater,
      bundle: test.bundle,
      key_sha256: test.key_sha256,
      ballot: ballot.id,
      kind: ballot.clips.length === 2 ? 'pair' : 'best-worst',
      clips: ballot.clips,
      outcome: answer.outcome || null,
      best: answer.best || null,
      worst: answer.worst || null,
      seen: seen.map((share) => Math.round(share * 100) / 100),
    };
  }

  /** @returns {string} the file that goes back */
  function lines(votes) {
    return votes.map((vote) => `${JSON.stringify(vote)}\n`).join('');
  }

  /** @returns {string} a file name that every system takes */
  function fileName(rater) {
    const plain = rater.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
    return `votes-${plain || falExp.chance.hash(rater).toString(16)}.jsonl`;
  }

  /** Return votes and skipped ballots from what was kept; what is not of this bundle is left out. */
  function restored(text, test) {
    const empty = { votes: [], skipped: [], taken_back: [] };
    if (!text) return empty;
    try {
      const { votes, skipped, taken_back = [] } = JSON.parse(text);
      const names = (ids) => ids.filter((id) => typeof id === 'string');
      const known = new Set(test.rows.flatMap((row) => row.clips));
      const ours = (vote) => vote.bundle === test.bundle && vote.key_sha256 === test.key_sha256
        && vote.clips.every((clip) => known.has(clip));
      return { votes: votes.filter(ours), skipped: names(skipped), taken_back: names(taken_back) };
    } catch {
      return empty;
    }
  }

  falExp.blindVotes = { record, lines, fileName, restored, isSeen };
})((globalThis.falExp = globalThis.falExp || {}));
