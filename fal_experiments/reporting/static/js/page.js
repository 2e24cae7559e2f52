/* Starts the page once it and its data are here. */
(function (falExp) {
  'use strict';

  const { byId, icon, settle } = falExp.dom;
  const FILTERS = ['query', 'states', 'presets', 'prompts'];

  function draw(view, changed) {
    const plan = falExp.layout.arrange(falExp.data.batch, falExp.data.cells, view);
    falExp.hover.forget();
    falExp.facets.draw(view);
    falExp.grid.render(plan);
    if (falExp.sync.isOn()) falExp.sync.stop();
    if (changed.has('query')) byId('query').value = view.query;
    byId('clear').classList.toggle('unused', !falExp.filter.isActive(view));
    byId('count').textContent = `${plan.shown} of ${falExp.tile.countOf(falExp.data.cells.length, 'cell')} shown`;
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

  function start() {
    falExp.theme.start();
    if (!falExp.data.isWhole()) {
      falExp.notice.set('A data file is missing beside this page. Render the report again; it costs nothing.');
      return;
    }
    const query = byId('query');
    query.addEventListener('input', settle(120, () => falExp.view.set({ query: query.value })));
    byId('clear').addEventListener('click', falExp.view.clearFilters);
    byId('nothing-clear').addEventListener('click', falExp.view.clearFilters);
    falExp.facets.start();
    [falExp.sync, falExp.hover, falExp.gridKeys, falExp.keys, falExp.drawer].forEach((each) => each.start());
    startSound();
    byId('skip').addEventListener('click', (event) => {
      event.preventDefault();
      falExp.grid.activate(falExp.grid.state.active, { focus: true });
    });
    falExp.view.onChange((view, changed) => FILTERS.some((name) => changed.has(name)) && draw(view, changed));
    draw(falExp.view.get(), new Set());
    falExp.sizes.start();
    falExp.view.readAddress();
    addEventListener('beforeprint', falExp.grid.fillAll);
    document.documentElement.dataset.ready = 'true';
  }

  document.addEventListener('DOMContentLoaded', start);
})((globalThis.falExp = globalThis.falExp || {}));
