/* What votes so far say of who is best, and how sure that is: Bradley-Terry with a weak prior. */
(function (falExp) {
  'use strict';

  /** Before any vote, two contestants are thought to differ by about this much, in log odds. */
  const PRIOR_SD = 1.5;
  const MOST_STEPS = 25;
  const CLOSE_ENOUGH = 1e-6;

  /**
   * Return who beat whom in a vote, each with its weight; a tie is half a win each.
   * @param {{clips: string[], outcome: string|null, best: string|null, worst: string|null}} vote
   * @param {(clip: string) => number} indexOf  of a clip's contestant
   * @returns {Array<[number, number, number]>} winner, loser, weight
   */
  function duels(vote, indexOf) {
    const all = vote.clips.map(indexOf);
    if (vote.outcome === 'first') return [[all[0], all[1], 1]];
    if (vote.outcome === 'second') return [[all[1], all[0], 1]];
    const found = [];
    if (vote.outcome) {
      all.forEach((one, i) => all.forEach((other, j) => i !== j && found.push([one, other, 0.5])));
      return found;
    }
    const best = indexOf(vote.best);
    const worst = vote.worst === null ? null : indexOf(vote.worst);
    for (const each of all) {
      if (each !== best) found.push([best, each, 1]);
      if (worst !== null && each !== best && each !== worst) found.push([each, worst, 1]);
    }
    return found;
  }

  /**
   * Return the most likely strengths and how sure they are (Laplace's approximation).
   * @returns {{mean: number[], covariance: number[][]}}
   */
  function fit(count, fought) {
    const mean = new Array(count).fill(0);
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const { slope, bend } = derivatives(mean, fought);
      const change = solve(bend, [slope])[0];
      change.forEach((value, i) => { mean[i] += value; });
      if (Math.max(0, ...change.map(Math.abs)) < CLOSE_ENOUGH) break;
    }
    const unit = mean.map((_, i) => mean.map((__, j) => Number(i === j)));
    return { mean, covariance: solve(derivatives(mean, fought).bend, unit) };
  }

  function derivatives(mean, fought) {
    const slope = mean.map((value) => -value / PRIOR_SD ** 2);
    const bend = mean.map((_, i) => mean.map((__, j) => (i === j ? 1 / PRIOR_SD ** 2 : 0)));
    for (const [winner, loser, weight] of fought) {
      const expected = 1 / (1 + Math.exp(mean[loser] - mean[winner]));
      const flat = weight * expected * (1 - expected);
      slope[winner] += weight * (1 - expected);
      slope[loser] -= weight * (1 - expected);
      bend[winner][winner] += flat;
      bend[loser][loser] += flat;
      bend[winner][loser] -= flat;
      bend[loser][winner] -= flat;
    }
    return { slope, bend };
  }

  /** @returns {number[][]} x for each right side, where matrix · x = side; the matrix is definite */
  function solve(matrix, sides) {
    const size = matrix.length;
    const rows = matrix.map((row, i) => [...row, ...sides.map((side) => side[i])]);
    for (let pivot = 0; pivot < size; pivot += 1) {
      const lead = rows[pivot][pivot];
      rows[pivot] = rows[pivot].map((value) => value / lead);
      for (let i = 0; i < size; i += 1) {
        const part = rows[i][pivot];
        if (i !== pivot && part !== 0) rows[i] = rows[i].map((value, j) => value - part * rows[pivot][j]);
      }
    }
    return sides.map((_, s) => rows.map((row) => row[size + s]));
  }

  /** @returns {number} the share of a normal distribution below z (Abramowitz and Stegun 7.1.26) */
  function normalShare(z) {
    const x = Math.abs(z) / Math.SQRT2;
    const t = 1 / (1 + 0.3275911 * x);
    const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    const half = (1 - sum * Math.exp(-x * x)) / 2;
    return z < 0 ? 0.5 - half : 0.5 + half;
  }

  /**
   * Return for each contestant how likely it is at least as good as the one that leads; the
   * leader's own is 1.
   */
  function chances({ mean, covariance }) {
    const leader = mean.indexOf(Math.max(...mean));
    return mean.map((value, i) => {
      if (i === leader) return 1;
      const spread = covariance[i][i] + covariance[leader][leader] - 2 * covariance[i][leader];
      return normalShare((value - mean[leader]) / Math.sqrt(Math.max(spread, 1e-12)));
    });
  }

  falExp.belief = { duels, fit, chances, normalShare };
})((globalThis.falExp = globalThis.falExp || {}));
