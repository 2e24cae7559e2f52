/* Starts the page once it and its data are here. */
(function (falExp) {
  'use strict';

  const { byId, icon, settle } = falExp.dom;
  /** Fields of the view that decide what stands where, beside those of the filters. */
  const ARRANGING = ['layout', 'orders', 'at', 'pin', 'colour'];

  function draw(view, changed) {
    const plan = falExp.layout.arrange(falExp.data.batch, falExp.data.cells, view);
    falExp.hover.forget();
    if (falExp.sync.isOn()) falExp.sync.stop();
    falExp.facets.draw(view);
    falExp.grid.render(plan);
    falExp.pager.draw(plan);
    falExp.status.draw(plan, view);
    if (changed.has('query')) byId('query').value = view.query;
  }

  function startSound() {
    const button = byId('sound');
    const show = (on) => {
      button.replaceChildren(icon(on ? 'sound' : 'mute'));
      button.setAttribute('aria-pressed', String(on));
    };
    button.addEventListener('click', () => show(falExp.players.toggleSound()));
    show(false);
  }

  function startQuery() {
    const query = byId('query');
    query.addEventListener('input', settle(120, () => falExp.view.set({ query: query.value })));
    byId('clear').addEventListener('click', () => falExp.view.set(falExp.filter.cleared()));
  }

  function start() {
    falExp.theme.start();
    if (!falExp.data.isWhole()) {
      falExp.notice.set('A data file is missing beside this page. Render the report again; it costs nothing.');
      return;
    }
    startQuery();
    const hasClips = falExp.data.cells.some((cell) => cell.video_href);
    document.querySelector('.transport').hidden = !hasClips;
    const parts = ['panel', 'facets', 'arrange', 'colour', 'sync', 'grid', 'hover', 'gridKeys', 'shift', 'pager', 'views', 'printSheets', 'takeAway', 'paper', 'keys', 'drawer', 'tray', 'compare'];
    parts.forEach((part) => falExp[part].start());
    startSound();
    byId('skip').addEventListener('click', (event) => {
      event.preventDefault();
      falExp.grid.activate(falExp.grid.state.active, { focus: true });
    });
    falExp.view.onChange((view, changed) => {
      if ([...falExp.filter.fields(), ...ARRANGING].some((name) => changed.has(name))) draw(view, changed);
    });
    draw(falExp.view.get(), new Set());
    falExp.sizes.start();
    falExp.view.readAddress();
    document.documentElement.dataset.ready = 'true';
  }

  document.addEventListener('DOMContentLoaded', start);
})((globalThis.falExp = globalThis.falExp || {}));
