/* What can be taken from a comparison: its link, and the command that makes a film of it. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const play = falExp.comparePlay;

  /** @returns {Wall} see wall_command.js */
  function wallOf(state) {
    const cells = state.cells.map((key) => falExp.data.cells[falExp.data.indexOf.get(key)]);
    const clips = cells.filter((cell) => cell.video_href);
    const keyAt = (place) => (cells[place]?.video_href ? cells[place].key : null);
    const pair = [keyAt(state.first), keyAt(state.second)];
    const { fromS, toS, isPart } = play.range();
    const columns = Number(getComputedStyle(falExp.dom.byId('compare-stage')).getPropertyValue('--columns')) || 1;
    return {
      batch: falExp.data.batch.batch, cells: clips.map((cell) => cell.key), sync: state.sync, end: state.end, speed: state.speed,
      layout: state.picture === 'grid' ? `${columns}x${Math.ceil(clips.length / columns)}` : null,
      audio: state.solo === null ? null : keyAt(state.solo),
      wipe: state.picture === 'wipe' && pair.every(Boolean) ? pair : null,
      offsets: state.sync === 'offset' ? Object.fromEntries(state.cells.map((key, place) => [key, state.offsets[place]])) : {},
      windows: Object.fromEntries(clips.filter((cell) => cell.period).map((cell) => [cell.key, cell.period])),
      part: isPart ? [fromS, toS] : null,
    };
  }

  /** What the page shows and a film does not. */
  function lacks(state) {
    const { picture } = state;
    const lines = [];
    if (['swap', 'difference', 'onion'].includes(picture)) lines.push(`A film has no ${picture}: the clips stand beside each other.`);
    if (state.repeat === 'both') lines.push('A film goes forward only.');
    if (state.zoom > 1) lines.push('A film shows whole pictures.');
    return lines.map((line) => el('p', { class: 'note' }, line));
  }

  function linkPanel() {
    falExp.compare.change({ timeS: play.timeS() });
    falExp.view.flush?.();
    const url = location.href.split('#')[0] + falExp.hash.write(falExp.view.get());
    return { content: [
      falExp.takeAway.command('Link to this comparison', url),
      el('p', { class: 'note' }, 'Opens these cells as they stand: layout, moment, zoom, the part that repeats. It leads to this report’s place on this machine or server.'),
    ] };
  }

  function wallPanel() {
    const state = falExp.compare.state();
    return { content: [...falExp.takeAway.wallLines(wallOf(state)), ...lacks(state)] };
  }

  falExp.compareActions = {
    /** In the order in which they stand in the head. */
    all: [
      { label: 'Link', title: 'Link to this comparison', icon: 'link', panel: linkPanel },
      { label: 'Wall', title: 'Command that makes one film of this comparison', icon: 'film', panel: wallPanel },
    ],
    wallOf,
  };
})((globalThis.falExp = globalThis.falExp || {}));
