/* The drawer: one cell, its neighbours, and the way back to the grid. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  /** A finger that goes so far, and much more across than down, turns the page. */
  const SWIPE_PX = 60;
  const ACROSS = 1.8;
  /** What scrolls or is dragged sideways by itself. */
  const SIDEWAYS = 'pre, video, input, select, .scroll, .wave, [data-no-swipe]';
  let shown = null;
  let swipe = null;

  /** Open a cell; the browser's Back closes it again. */
  function open(index) {
    falExp.view.set({ cell: falExp.data.cells[index].key }, { push: true });
  }

  /** Show what the view says. */
  function draw(key) {
    const dialog = byId('drawer');
    const index = falExp.data.indexOf.get(key) ?? null;
    if (key && index === null) falExp.notice.set(`There is no cell “${key}” in this report.`);
    if (index === null) {
      if (dialog.open) dialog.close();
      return;
    }
    shown = index;
    falExp.hover.forget();
    if (falExp.sync.isOn()) falExp.sync.stop();
    heading(index);
    byId('drawer-content').replaceChildren(el('p', { class: 'note' }, 'Loading …'));
    if (!dialog.open) {
      dialog.showModal();
      byId('drawer-title').focus();
    }
    falExp.data.detailOf(index).then(
      (detail) => shown === index && fill(index, detail),
      (error) => shown === index && fill(index, null, error.message),
    );
  }

  function fill(index, detail, problem) {
    const content = byId('drawer-content');
    const body = falExp.detail.build(falExp.data.cells[index], detail);
    content.replaceChildren(body);
    if (detail) falExp.against.fill(body, index, detail);
    if (problem) content.prepend(el('p', { class: 'verdict tone-bad', role: 'alert' }, problem));
    content.scrollTop = 0;
  }

  function heading(index) {
    const cell = falExp.data.cells[index];
    byId('drawer-title').textContent = falExp.data.nameOf(cell);
    const { before, after, place, count } = neighbours(index);
    byId('drawer-place').replaceChildren(
      el('span', { dir: 'auto' }, falExp.data.promptOf(cell).id),
      ...inputOf(cell), el('span', { dir: 'auto' }, cell.run_label),
      el('span', { class: `state tone-${cell.tone}` }, falExp.tile.stateIcon(cell), cell.state_label),
      el('span', {}, `${place + 1} of ${count}`),
    );
    byId('previous').disabled = before === undefined;
    byId('next').disabled = after === undefined;
  }

  function inputOf(cell) {
    const input = falExp.data.valueOf(cell, 'input');
    return input ? [el('span', { dir: 'auto' }, input.label)] : [];
  }

  /** The cells before and after, in the order of the page; of all cells if this one is filtered out. */
  function neighbours(index) {
    let order = falExp.layout.order(falExp.grid.state.plan);
    if (!order.includes(index)) order = falExp.data.cells.map((_, each) => each);
    const place = order.indexOf(index);
    return { before: order[place - 1], after: order[place + 1], place, count: order.length };
  }

  function step(direction) {
    if (shown === null) return;
    const { before, after } = neighbours(shown);
    const target = direction < 0 ? before : after;
    if (target !== undefined) falExp.view.set({ cell: falExp.data.cells[target].key });
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest('video, pre, input, select, textarea, .scroll, [contenteditable]')) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.preventDefault();
      step(event.key === 'ArrowLeft' ? -1 : 1);
    }
    const video = byId('drawer').querySelector('video');
    if (event.key === ' ' && video && !event.target.closest('button, a, summary')) {
      event.preventDefault();
      if (video.paused) falExp.players.play(video);
      else video.pause();
    }
  }

  function onTouch(event) {
    swipe = event.pointerType === 'touch' && event.isPrimary && !event.target.closest(SIDEWAYS)
      ? { x: event.clientX, y: event.clientY } : null;
  }

  function onTouchEnd(event) {
    if (!swipe || !event.isPrimary) return;
    const [across, down] = [event.clientX - swipe.x, event.clientY - swipe.y];
    swipe = null;
    if (Math.abs(across) > SWIPE_PX && Math.abs(across) > ACROSS * Math.abs(down)) step(across > 0 ? -1 : 1);
  }

  /** Another cell to hold this one against, or another pin. */
  function compareAgain() {
    const body = byId('drawer-content').querySelector('.drawer-body');
    const index = shown;
    if (!body || index === null) return;
    falExp.data.detailOf(index).then((detail) => detail && shown === index && falExp.against.fill(body, index, detail), () => {});
  }

  function onClose() {
    byId('drawer-content').replaceChildren();
    if (falExp.view.get().cell !== null) falExp.view.set({ cell: null, against: null });
    if (shown !== null) falExp.grid.activate(shown, { focus: true });
    shown = null;
  }

  function start() {
    const dialog = byId('drawer');
    dialog.addEventListener('close', onClose);
    dialog.addEventListener('keydown', onKey);
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    byId('previous').addEventListener('click', () => step(-1));
    byId('next').addEventListener('click', () => step(1));
    byId('close').addEventListener('click', () => dialog.close());
    const content = byId('drawer-content');
    content.addEventListener('pointerdown', onTouch);
    content.addEventListener('pointerup', onTouchEnd);
    content.addEventListener('pointercancel', () => { swipe = null; });
    falExp.view.onChange((view, changed) => {
      if (changed.has('cell')) draw(view.cell);
      else if (changed.has('against') || changed.has('pin')) compareAgain();
    });
    const details = { group: 'Details', scope: 'drawer' };
    falExp.keys.register({ ...details, key: 'ArrowLeft', label: 'Previous cell; on touch swipe right', run: () => step(-1) });
    falExp.keys.register({ ...details, key: 'ArrowRight', label: 'Next cell; on touch swipe left', run: () => step(1) });
    falExp.keys.register({ ...details, key: 'Escape', label: 'Back to the grid', run: () => dialog.close() });
  }

  falExp.drawer = { start, open };
})((globalThis.falExp = globalThis.falExp || {}));
