/* Which clips a rater is shown next, and on which side each stands. The rules are told in docs/blind.md. */
(function (falExp) {
  'use strict';

  /** Every contestant is shown so often before votes decide who is shown. */
  const FIRST_ROUNDS = 2;
  /** Sets are drawn from so many contestants; more would be thousands of sets. */
  const MOST_AT_ONCE = 12;
  /** So many of the latest ballots are not shown again: they are remembered, not judged. */
  const FRESH_IN_MIND = 3;
  const AGAIN = '.again';

  const setKey = (clips) => [...clips].sort().join('-');
  const isAgain = (id) => id.endsWith(AGAIN);

  /**
   * @typedef {object} Test  what a bundle's data says
   * @property {'pair'|'best-worst'} kind
   * @property {number} most_shown
   * @property {number} shuffle
   * @property {number} repeat_every
   * @property {string[]} contestants
   * @property {Array<{row: string, prompt: number, clips: string[], contestants: string[]}>} rows
   *
   * @typedef {object} State
   * @property {Array<object>} votes    as they are saved, oldest first
   * @property {string[]} skipped       ids of ballots
   *
   * @typedef {{id: string, clips: string[], prompt: number, isAgain: boolean}} Ballot
   */

  /**
   * Return the next ballot of a rater; null when every one was answered.
   * The same test, state and rater give the same ballot.
   * @returns {Ballot|null}
   */
  function next(test, state, rater) {
    const turn = `${test.shuffle}/${rater}/${state.votes.length}/${state.skipped.length}`;
    const chance = new falExp.chance.Chance(falExp.chance.hash(turn));
    return again(test, state, chance) || fresh(test, state, chance);
  }

  function again(test, state, chance) {
    const first = state.votes.filter((vote) => !isAgain(vote.ballot));
    const repeated = [...state.votes.map((vote) => vote.ballot), ...state.skipped].filter(isAgain);
    if (Math.floor(first.length / test.repeat_every) <= repeated.length) return null;
    const done = new Set(repeated.map((id) => setKey(id.slice(0, -AGAIN.length).split('-'))));
    const open = first.slice(0, -FRESH_IN_MIND).filter((vote) => !done.has(setKey(vote.clips)));
    if (open.length === 0) return null;
    const { clips } = open[chance.below(open.length)];
    const turned = [...clips].reverse();
    const row = test.rows.find((each) => clips.every((clip) => each.clips.includes(clip)));
    return { id: turned.join('-') + AGAIN, clips: turned, prompt: row.prompt, isAgain: true };
  }

  function fresh(test, state, chance) {
    const told = tell(test, state);
    for (const sets of [startingSets(test, told, chance), decidingSets(test, told, chance)]) {
      for (const set of sets) {
        const found = rowFor(test, told, set, chance);
        if (found) return made(found, set, told, chance);
      }
    }
    return anyLeft(test, told, chance);
  }

  /** What the votes so far tell: who was shown how often, on which side, and who seems best. */
  function tell(test, state) {
    const contestantOf = new Map();
    test.rows.forEach((row) => row.clips.forEach((clip, i) => contestantOf.set(clip, row.contestants[i])));
    const index = new Map(test.contestants.map((code, i) => [code, i]));
    const indexOf = (clip) => index.get(contestantOf.get(clip));
    const told = {
      indexOf,
      shown: test.contestants.map(() => 0),
      leftward: test.contestants.map(() => 0),
      met: new Map(),
      used: new Set(state.skipped.map((id) => setKey(id.replace(AGAIN, '').split('-')))),
      rowUses: new Map(),
      fought: [],
    };
    for (const vote of state.votes) {
      if (isAgain(vote.ballot)) continue;
      told.used.add(setKey(vote.clips));
      told.fought.push(...falExp.belief.duels(vote, indexOf));
      const all = vote.clips.map(indexOf);
      const row = test.rows.find((each) => vote.clips.every((clip) => each.clips.includes(clip)));
      told.rowUses.set(row.row, (told.rowUses.get(row.row) || 0) + 1);
      all.forEach((one, at) => {
        told.shown[one] += 1;
        told.leftward[one] += (all.length - 1) / 2 - at;
        all.forEach((other) => told.met.set(`${one}/${other}`, (told.met.get(`${one}/${other}`) || 0) + 1));
      });
    }
    return told;
  }

  const sizesOf = (test) => [...new Set(test.rows.map((row) => sizeIn(test, row)))].sort((a, b) => b - a);
  const sizeIn = (test, row) => Math.min(test.kind === 'pair' ? 2 : test.most_shown, row.clips.length);

  function* combinations(items, size, from = 0) {
    if (size === 0) {
      yield [];
      return;
    }
    for (let i = from; i <= items.length - size; i += 1) {
      for (const rest of combinations(items, size - 1, i + 1)) yield [items[i], ...rest];
    }
  }

  /** Sets of contestants from `pool`, those with the lowest cost first. */
  function sorted(test, pool, costOf) {
    const sets = sizesOf(test).flatMap((size) => [...combinations(pool, size)]);
    const costs = new Map(sets.map((set) => [set, costOf(set)]));
    return sets.sort((a, b) => costs.get(a) - costs.get(b));
  }

  const pool = (test, chance, rank) => chance.shuffled(test.contestants.map((_, i) => i))
    .sort((a, b) => rank(a) - rank(b)).slice(0, MOST_AT_ONCE);
  const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

  function meetings(told, set) {
    return mean([...combinations(set, 2)].map(([a, b]) => told.met.get(`${a}/${b}`) || 0));
  }

  /** First everybody is shown: those who were shown least, and have met least, meet. */
  function startingSets(test, told, chance) {
    if (Math.min(...told.shown) >= FIRST_ROUNDS) return [];
    return sorted(test, pool(test, chance, (i) => told.shown[i]),
      (set) => mean(set.map((i) => told.shown[i])) + 0.01 * meetings(told, set) + 0.001 * chance.next())
      .filter((set) => set.some((i) => told.shown[i] < FIRST_ROUNDS));
  }

  /** Then the one that leads meets those who may yet be better: only that decides the first place. */
  function decidingSets(test, told, chance) {
    const chances = falExp.belief.chances(falExp.belief.fit(test.contestants.length, told.fought));
    return sorted(test, pool(test, chance, (i) => -chances[i]),
      (set) => -mean(set.map((i) => chances[i])) + 0.001 * meetings(told, set) + 0.0001 * chance.next());
  }

  /** The row that was used least, of those where a set meets and was not shown yet. */
  function rowFor(test, told, set, chance) {
    const fitting = test.rows.map((row) => ({ row, clips: clipsIn(test, told, row, set) }))
      .filter(({ clips }) => clips && !told.used.has(setKey(clips)));
    return chance.shuffled(fitting)
      .sort((a, b) => (told.rowUses.get(a.row.row) || 0) - (told.rowUses.get(b.row.row) || 0))[0];
  }

  function clipsIn(test, told, row, set) {
    if (sizeIn(test, row) !== set.length) return null;
    const clips = set.map((i) => row.clips[row.contestants.indexOf(test.contestants[i])]);
    return clips.every(Boolean) ? clips : null;
  }

  /** Who stood more to the left until now stands more to the right. */
  function made({ row, clips }, set, told, chance) {
    const order = chance.shuffled(set.map((_, at) => at))
      .sort((a, b) => told.leftward[set[a]] - told.leftward[set[b]]);
    const shown = order.map((at) => clips[at]);
    return { id: shown.join('-'), clips: shown, prompt: row.prompt, isAgain: false };
  }

  function anyLeft(test, told, chance) {
    for (const row of test.rows) {
      for (const clips of combinations(row.clips, sizeIn(test, row))) {
        if (!told.used.has(setKey(clips))) return made({ row, clips }, clips.map(told.indexOf), told, chance);
      }
    }
    return null;
  }

  falExp.ballots = { next, isAgain };
})((globalThis.falExp = globalThis.falExp || {}));
