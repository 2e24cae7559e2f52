/* The drawer: one cell, its neighbours, and the way back to the grid. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  let shown = null;

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
    content.replaceChildren(falExp.detail.build(falExp.data.cells[index], detail));
    if (problem) content.prepend(el('p', { class: 'verdict tone-bad', role: 'alert' }, problem));
    content.scrollTop = 0;
  }

  function heading(index) {
    const cell = falExp.data.cells[index];
    const column = falExp.data.columnOf(cell);
    byId('drawer-title').textContent = [column.title, column.variant].filter(Boolean).join(' · ');
    byId('drawer-place').replaceChildren(
      el('span', { dir: 'auto' }, falExp.data.promptOf(cell).id), el('span', {}, cell.run_label),
      el('span', { class: `state tone-${cell.tone}` }, falExp.tile.stateIcon(cell), cell.state_label),
    );
    const [before, after] = neighbours(index);
    byId('previous').disabled = before === undefined;
    byId('next').disabled = after === undefined;
  }

  /** The cells before and after, in the order of the page; of all cells if this one is filtered out. */
  function neighbours(index) {
    let order = falExp.layout.order(falExp.grid.state.plan);
    if (!order.includes(index)) order = falExp.data.cells.map((_, each) => each);
    const place = order.indexOf(index);
    return [order[place - 1], order[place + 1]];
  }

  function step(direction) {
    const target = neighbours(shown)[direction < 0 ? 0 : 1];
    if (target !== undefined) falExp.view.set({ cell: falExp.data.cells[target].key });
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest('video, pre, input')) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.preventDefault();
      step(event.key === 'ArrowLeft' ? -1 : 1);
    }
    const video = byId('drawer').querySelector('video');
    if (event.key === ' ' && video && !event.target.closest('button, a')) {
      event.preventDefault();
      if (video.paused) falExp.players.play(video);
      else video.pause();
    }
  }

  function onClose() {
    byId('drawer-content').replaceChildren();
    if (falExp.view.get().cell !== null) falExp.view.set({ cell: null });
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
    falExp.view.onChange((view, changed) => changed.has('cell') && draw(view.cell));
  }

  falExp.drawer = { start, open };
})((globalThis.falExp = globalThis.falExp || {}));
