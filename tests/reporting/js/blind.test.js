'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { chance, belief, ballots } = require('./load.js')('blind-chance', 'blind-belief', 'blind-ballots');

/** A bundle's data: every contestant has a clip in each row. */
function bundle({ contestants = 6, rows = 10, kind = 'pair', shuffle = 7, without = [] } = {}) {
  const codes = Array.from({ length: contestants }, (_, i) => `c${i}`);
  return {
    kind, most_shown: 4, shuffle, repeat_every: 10, contestants: codes,
    rows: Array.from({ length: rows }, (_, r) => {
      const here = codes.filter((code) => !without.includes(`${r}/${code}`));
      return { row: `r${r}`, prompt: r, contestants: here, clips: here.map((code) => `${code}x${r}`) };
    }),
  };
}

const indexOf = (clip) => Number(clip.slice(1, clip.indexOf('x')));

/** Vote as somebody would for whom a contestant's worth is noisy each time (Gumbel: Bradley-Terry). */
function opinion(clips, worths, noise) {
  const felt = clips.map((clip) => worths[indexOf(clip)] - Math.log(-Math.log(noise.next() + 1e-12)));
  const best = clips[felt.indexOf(Math.max(...felt))];
  if (clips.length === 2) return { outcome: best === clips[0] ? 'first' : 'second', best: null, worst: null };
  return { outcome: null, best, worst: clips[felt.indexOf(Math.min(...felt))] };
}

function session(data, count, answer, rater = 'anna') {
  const state = { votes: [], skipped: [] };
  while (state.votes.length < count) {
    const ballot = ballots.next(data, state, rater);
    if (!ballot) break;
    state.votes.push({ ballot: ballot.id, clips: ballot.clips, ...answer(ballot.clips) });
  }
  return state.votes;
}

const first = () => ({ outcome: 'first', best: null, worst: null });

test('the same turn shows the same ballot, another rater or bundle another order', () => {
  const ids = (data, rater) => session(data, 12, first, rater).map((vote) => vote.ballot).join();
  assert.equal(ids(bundle(), 'anna'), ids(bundle(), 'anna'));
  assert.notEqual(ids(bundle(), 'anna'), ids(bundle(), 'ben'));
  assert.notEqual(ids(bundle(), 'anna'), ids(bundle({ shuffle: 8 }), 'anna'));
});

test('clips of one row meet, never twice, until every pair was shown', () => {
  const data = bundle({ contestants: 4, rows: 3, without: ['2/c0', '2/c1'] });
  const votes = session(data, 1000, first).filter((vote) => !ballots.isAgain(vote.ballot));
  assert.equal(votes.length, 6 + 6 + 1);
  assert.equal(new Set(votes.map((vote) => [...vote.clips].sort().join())).size, votes.length);
  for (const { clips } of votes) {
    assert.ok(data.rows.some((row) => clips.every((clip) => row.clips.includes(clip))));
    assert.notEqual(clips[0], clips[1]);
  }
});

test('each contestant stands left as often as right, whatever the votes', () => {
  const noise = new chance.Chance(5);
  for (const kind of ['pair', 'best-worst']) {
    const data = bundle({ kind, rows: 40 });
    const votes = session(data, 120, (clips) => opinion(clips, [2, 1, 1, 0, 0, -1], noise));
    const lean = new Array(6).fill(0);
    for (const { ballot, clips } of votes) {
      if (!ballots.isAgain(ballot)) clips.forEach((clip, at) => { lean[indexOf(clip)] += (clips.length - 1) / 2 - at; });
    }
    assert.ok(Math.max(...lean.map(Math.abs)) <= 3, `${kind}: ${lean}`);
  }
});

test('one ballot in ten comes again with its sides swapped', () => {
  const votes = session(bundle({ rows: 30 }), 66, first);
  const again = votes.filter((vote) => ballots.isAgain(vote.ballot));
  assert.equal(again.length, 6);
  assert.equal(new Set(again.map((vote) => vote.ballot)).size, 6);
  for (const vote of again) {
    const before = votes.find((each) => each.ballot === [...vote.clips].reverse().join('-'));
    assert.ok(votes.indexOf(vote) - votes.indexOf(before) > 3);
  }
});

test('what was skipped does not come again', () => {
  const data = bundle({ contestants: 2, rows: 3 });
  const state = { votes: [], skipped: [] };
  for (let i = 0; i < 3; i += 1) state.skipped.push(ballots.next(data, state, 'anna').id);
  assert.equal(new Set(state.skipped.map((id) => id.split('-').sort().join())).size, 3);
  assert.equal(ballots.next(data, state, 'anna'), null);
});

test('strengths follow the votes, and are the less sure the fewer there are', () => {
  const few = belief.fit(3, [[0, 1, 1], [1, 2, 1]]);
  const many = belief.fit(3, Array.from({ length: 20 }, () => [[0, 1, 1], [1, 2, 1]]).flat());
  assert.ok(few.mean[0] > few.mean[1] && few.mean[1] > few.mean[2]);
  assert.ok(many.covariance[0][0] < few.covariance[0][0]);
  assert.ok(belief.chances(many)[1] < belief.chances(few)[1]);
  assert.equal(belief.chances(few)[0], 1);
  assert.deepEqual(belief.fit(2, [[0, 1, 0.5], [1, 0, 0.5]]).mean, [0, 0]);
  // by hand: one win, prior of variance 2.25 each: 2.25 (1 - p) = x, p = 1 / (1 + e^-2x)
  const [x] = belief.fit(2, [[0, 1, 1]]).mean;
  assert.ok(Math.abs(2.25 * (1 - 1 / (1 + Math.exp(-2 * x))) - x) < 1e-6);
  for (const [z, share] of [[0, 0.5], [1.96, 0.975], [-1, 0.158655]]) {
    assert.ok(Math.abs(belief.normalShare(z) - share) < 1e-5);
  }
});

/** Share of studies in which the votes name the truly best of six. */
function found(kind, count, play) {
  const worths = [1.4, 0.7, 0.3, 0, -0.5, -1];
  let right = 0;
  for (let study = 0; study < 100; study += 1) {
    const noise = new chance.Chance(1000 + study);
    const order = noise.shuffled(worths);
    const data = bundle({ kind, shuffle: study });
    const votes = play(data, count, (clips) => opinion(clips, order, noise), noise);
    const fought = votes.flatMap((vote) => belief.duels(vote, indexOf));
    const { mean } = belief.fit(6, fought);
    right += mean.indexOf(Math.max(...mean)) === order.indexOf(1.4);
  }
  return right / 100;
}

/** The yardstick: clips that are drawn by lot. */
function byLot(data, count, answer, noise) {
  return Array.from({ length: count }, () => {
    const row = data.rows[noise.below(data.rows.length)];
    const clips = noise.shuffled(row.clips).slice(0, data.kind === 'pair' ? 2 : 4);
    return { ballot: '', clips, ...answer(clips) };
  });
}

test('sixty best-worst votes name the best of six; chosen pairs do better than drawn ones', (t) => {
  const four = found('best-worst', 60, session);
  const chosen = found('pair', 60, session);
  const drawn = found('pair', 60, byLot);
  t.diagnostic(`best-worst ${four}, pairs chosen ${chosen}, pairs by lot ${drawn}`);
  assert.ok(four >= 0.95, `${four}`);
  assert.ok(chosen > drawn, `${chosen} against ${drawn}`);
});
