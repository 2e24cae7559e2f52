/* Playing of a comparison: one clock for its panes, forward by playing, backwards by seeking. */
(function (falExp) {
  'use strict';

  const { kernel } = falExp;
  const clock = new falExp.clock.Clock(() => performance.now());
  const ensemble = new falExp.ensemble.Ensemble(clock);
  /** The readout tells the worst of so long. */
  const MEMORY_MS = 2000;
  const plan = { sync: 'absolute', end: 'hold', speed: 1, repeat: 'again', fromS: null, toS: null, light: false };
  const listeners = { tick: [], mode: [] };
  /** @type {'paused'|'playing'|'scrubbing'} */
  let mode = 'paused';
  let panes = [];
  let whole = { lengthS: 0, cycleS: 0 };
  /** Frames that each clip was stepped by itself, away from the clock. */
  let ownSteps = 0;
  let drifts = [];

  const isBack = () => clock.rate < 0;
  const tell = (what) => listeners[what].forEach((listener) => listener(mode));
  const range = () => {
    const fromS = plan.fromS !== null && plan.fromS < whole.lengthS ? plan.fromS : 0;
    const toS = plan.toS !== null && plan.toS > fromS ? Math.min(plan.toS, whole.lengthS) : whole.lengthS;
    return { fromS, toS, isPart: fromS > 0 || toS < whole.lengthS };
  };

  /** Give the panes that play and how; where the clock stands stays. */
  function set(next, settings) {
    for (const pane of panes) if (!next.includes(pane)) pane.rest();
    if (next.some((pane) => !panes.includes(pane)) || next.length !== panes.length) ensemble.pacer.reset();
    panes = next;
    Object.assign(plan, settings);
    ensemble.followers.clear();
    for (const pane of panes) enrol(pane, usual(pane));
    measure();
    ensemble.setSpeed(isBack() ? -plan.speed : plan.speed);
    if (mode === 'playing') begin();
    else stand();
  }

  /** Sound is in the clip alone. */
  const usual = (pane) => (plan.light && !pane.isHeard ? 'proxy' : 'clip');

  function enrol(pane, which) {
    const follower = pane.use(which);
    if (!follower) return;
    follower.placeAt = (nowMs) => placeOf(pane, clock.timeAt(nowMs));
    ensemble.followers.set(pane.key, follower);
  }

  /** Look anew how long all is: a clip has told its length, or a loop is laid otherwise. */
  function measure() {
    const strips = panes.map((pane) => pane.strip);
    whole = { lengthS: kernel.lengthS(strips, plan), cycleS: kernel.cycleS(strips) };
  }

  function placeOf(pane, timeS) {
    const place = kernel.place(pane.strip, timeS, plan, whole);
    if (ownSteps === 0 || place.state === 'still') return place;
    return { ...place, atS: kernel.frameMiddleS(pane.strip, place.atS, ownSteps), rate: 0 };
  }

  /** @returns {number} the time to show: never beyond the end that the last frames are held at */
  const timeS = () => Math.min(Math.max(0, clock.timeS), whole.lengthS);

  function toMode(next) {
    mode = next;
    tell('mode');
    tell('tick');
  }

  function play() {
    const { fromS, toS } = range();
    ownSteps = 0;
    if (clock.timeS >= toS - 0.01 || clock.timeS < fromS - 0.01) clock.set(fromS);
    toMode('playing');
    begin();
  }

  async function begin() {
    panes.forEach((pane) => enrol(pane, usual(pane)));
    ensemble.setSpeed(plan.speed);
    drifts = [];
    if (await ensemble.begin()) requestAnimationFrame(() => loop(ensemble.turn));
  }

  function pause() {
    clock.set(timeS());
    mode = 'paused';
    clock.stop();
    panes.forEach((pane) => enrol(pane, usual(pane)));
    ensemble.stand();
    ensemble.setSpeed(plan.speed);
    toMode('paused');
  }

  function loop(mine) {
    if (mine !== ensemble.turn || mode !== 'playing') return;
    const { fromS, toS, isPart } = range();
    const restsS = isPart || plan.repeat !== 'again' || plan.sync === 'phase' ? 0 : kernel.HOLD_S;
    if (isBack() ? clock.timeS <= fromS : clock.timeS >= toS + restsS * plan.speed) {
      turnRound(fromS, toS);
      if (!isBack()) return;
    }
    ensemble.drive();
    remember();
    tell('tick');
    requestAnimationFrame(() => loop(mine));
  }

  function turnRound(fromS, toS) {
    if (isBack() || plan.repeat === 'again') {
      clock.stop();
      clock.set(fromS);
      begin();
    } else if (plan.repeat === 'both') {
      clock.set(toS);
      ensemble.setSpeed(-plan.speed);
      panes.forEach((pane) => enrol(pane, 'proxy'));
    } else {
      clock.set(toS - 0.001);
      pause();
    }
  }

  function remember() {
    const nowMs = performance.now();
    const worstS = ensemble.worstDriftS();
    if (worstS !== null) drifts.push({ nowMs, worstS });
    while (drifts.length > 0 && nowMs - drifts[0].nowMs > MEMORY_MS) drifts.shift();
  }

  /** Every clip shows the frame of the clock's time. */
  function stand() {
    panes.forEach((pane) => enrol(pane, usual(pane)));
    ensemble.stand();
    tell('tick');
  }

  /** Go to a time; what played, plays on from there. */
  function seek(toS) {
    ownSteps = 0;
    clock.set(kernelTime(toS));
    if (mode === 'playing') begin();
    else stand();
  }

  const kernelTime = (toS) => Math.min(Math.max(0, toS), Math.max(0, whole.lengthS - 0.001));

  let goesOn = false;

  /** Follow a hand on the timeline; small films with many key frames stand in where there are any. */
  function scrub(toS) {
    if (mode !== 'scrubbing') {
      goesOn = mode === 'playing';
      mode = 'scrubbing';
      ensemble.stand();
      panes.forEach((pane) => enrol(pane, 'proxy'));
      toMode('scrubbing');
    }
    ownSteps = 0;
    clock.set(kernelTime(toS));
    ensemble.stand();
    tell('tick');
  }

  function endScrub() {
    if (mode !== 'scrubbing') return;
    if (goesOn) play();
    else pause();
  }

  /** Step all by the time of one frame of the fastest clip, or each by frames of its own. */
  function step(frames, { own = false } = {}) {
    if (mode !== 'paused') pause();
    if (own) ownSteps += frames;
    else {
      ownSteps = 0;
      clock.set(kernel.steppedS(panes.map((pane) => pane.strip), clock.timeS, frames, plan, whole));
    }
    stand();
    tell('mode');
  }

  /** @returns {{worstS: number|null, pace: number}} what frames on the screen were off by; part of the speed */
  function drift() {
    return {
      worstS: drifts.length > 0 ? Math.max(...drifts.map((each) => each.worstS)) : null,
      pace: clock.rate / ensemble.speed,
    };
  }

  function stop() {
    mode = 'paused';
    ensemble.stand();
    ensemble.followers.clear();
    panes = [];
    ownSteps = 0;
    clock.set(0);
  }

  falExp.comparePlay = {
    set, measure, play, pause, seek, scrub, endScrub, step, stop, drift, range, timeS, placeOf, isBack,
    toggle: () => (mode === 'playing' ? pause() : play()),
    mode: () => mode, lengthS: () => whole.lengthS, ownSteps: () => ownSteps, panes: () => panes,
    on: (what, listener) => listeners[what].push(listener),
  };
})((globalThis.falExp = globalThis.falExp || {}));
