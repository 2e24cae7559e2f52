/* Sound of a comparison: one pane is heard, or none; its waveform, and how loud it is. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  const LOUDNESS = 'loudness_lufs';
  let heard = null;
  let strip = null;

  /** Hear the pane that the state says, and show its strip. */
  function draw(state, panes) {
    const pane = state.solo === null ? null : panes.get(state.cells[state.solo]);
    for (const each of panes.values()) {
      each.isHeard = each === pane;
      if (each.clip) each.clip.video.muted = !each.isHeard;
    }
    drawChoice(state, panes);
    if (pane === heard) return;
    heard = pane;
    strip = null;
    const box = byId('compare-hearing');
    box.hidden = pane === null;
    if (!pane) return;
    box.replaceChildren(el('span', { class: 'hearing-name', dir: 'auto' }, pane.name), el('span', { class: 'note' }, silence(pane) || 'Loading the waveform …'));
    if (!silence(pane)) falExp.data.detailOf(pane.index).then((detail) => fill(pane, detail), (error) => fill(pane, null, error.message));
  }

  /** @returns {string} why nothing can be heard; empty where something can */
  function silence(pane) {
    if (!pane.clip) return 'A picture has no sound.';
    if (pane.trouble) return `${pane.trouble}.`;
    return pane.maySound ? '' : 'This clip has no sound.';
  }

  function fill(pane, detail, problem) {
    if (pane !== heard) return;
    const loudness = falExp.data.number(pane.cell, LOUDNESS);
    const peaks = detail?.waveform || [];
    strip = peaks.length > 0 ? falExp.waveform.build(peaks) : null;
    byId('compare-hearing').replaceChildren(
      el('span', { class: 'hearing-name', dir: 'auto' }, pane.name),
      strip ? strip.node : el('span', { class: 'note' }, problem || 'No waveform was made of this clip.'),
      el('span', { class: 'note', title: 'integrated loudness, EBU R128' }, loudness === null ? 'loudness not measured' : `${loudness.toFixed(1).replace('-', '−')} LUFS`),
    );
    tick();
  }

  function drawChoice(state, panes) {
    const select = byId('compare-sound');
    const options = [['', 'none']];
    state.cells.forEach((key, place) => {
      const pane = panes.get(key);
      if (pane.maySound) options.push([String(place), `${place + 1}: ${pane.name}`]);
    });
    const none = options.length === 1;
    select.replaceChildren(...options.map(([value, label]) => el('option', { value }, none ? 'no clip has sound' : label)));
    select.value = state.solo === null ? '' : String(state.solo);
    select.disabled = none;
  }

  /** Move the playhead. */
  function tick() {
    if (strip && heard.strip.durationS > 0) strip.setPlayed(heard.clip.video.currentTime / heard.strip.durationS);
  }

  function start() {
    byId('compare-sound').addEventListener('change', ({ target }) => {
      falExp.compare.change({ solo: target.value === '' ? null : Number(target.value) });
    });
  }

  falExp.compareSound = { start, draw, tick, forget: () => { heard = null; strip = null; } };
})((globalThis.falExp = globalThis.falExp || {}));
