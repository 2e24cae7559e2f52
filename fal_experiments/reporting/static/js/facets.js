/* Chips of states in the bar; in the filter panel every value of every axis, sliders, other filters. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  /** Order of the states: done first, then what moves, what waits for a person, what went wrong. */
  const TONES = ['good', 'busy', 'person', 'bad', 'warn', 'idle'];
  /** More values are found by their name: the page stays light. */
  const MAX_VALUES = 60;
  const counts = new Map();

  /** @returns {number[]} how many cells each value of an axis has */
  function countsOf(axis) {
    if (!counts.has(axis)) {
      const found = falExp.data.batch.axes[axis].values.map(() => 0);
      for (const cell of falExp.data.cells) if (cell.at[axis] >= 0) found[cell.at[axis]] += 1;
      counts.set(axis, found);
    }
    return counts.get(axis);
  }

  function chips() {
    const found = new Map();
    for (const cell of falExp.data.cells) {
      if (!found.has(cell.state)) found.set(cell.state, { cell, count: 0 });
      found.get(cell.state).count += 1;
    }
    return [...found].sort(([, a], [, b]) => TONES.indexOf(a.cell.tone) - TONES.indexOf(b.cell.tone)).map(([state, { cell, count }]) => {
      const button = el('button', { class: 'chip', type: 'button', 'data-value': state },
        el('span', { class: `chip-mark tone-${cell.tone}` }, falExp.tile.stateIcon(cell)),
        el('span', {}, cell.state_label), el('span', { class: 'count' }, String(count)));
      button.addEventListener('click', () => falExp.view.toggle('states', state));
      return button;
    });
  }

  /** The values of one axis, folded up until they are asked for. */
  function facet(axis, index) {
    const list = el('div', { class: 'menu-list' });
    const search = axis.values.length > 12 && el('input', {
      type: 'search', placeholder: `Find in ${axis.values.length} values`, 'aria-label': `Find a value of ${axis.label}`, autocomplete: 'off',
    });
    const all = el('button', { class: 'link', type: 'button' }, 'Show all');
    all.addEventListener('click', () => setHidden(axis, []));
    const count = el('span', { class: 'count' });
    const details = el('details', { class: 'facet', 'data-axis': axis.key },
      el('summary', { 'data-focus': `facet-${axis.key}` }, el('span', {}, axis.label), count, icon('down')), search, list, all);
    const fill = () => details.open && list.replaceChildren(...options(axis, index, search ? search.value : ''));
    details.addEventListener('toggle', fill);
    if (search) search.addEventListener('input', fill);
    const update = () => {
      const hidden = axis.values.filter(({ key }) => isHidden(axis, key)).length;
      count.textContent = hidden > 0 ? `${axis.values.length - hidden} of ${axis.values.length}` : `${axis.values.length}`;
      details.classList.toggle('filtering', hidden > 0);
      for (const button of list.querySelectorAll('[data-value]')) {
        button.setAttribute('aria-pressed', String(!isHidden(axis, button.dataset.value)));
      }
    };
    update();
    return { node: details, update };
  }

  const isHidden = (axis, key) => falExp.view.get().hidden.has(falExp.axes.nameOf(axis.key, key));

  function options(axis, index, wanted) {
    const words = falExp.filter.parse(wanted).words;
    const found = falExp.axes.ordered(axis, falExp.view.get()).filter((value) => (
      words.every((word) => axis.values[value].label.normalize('NFKC').toLowerCase().includes(word))));
    const lines = found.slice(0, MAX_VALUES).map((value) => option(axis, axis.values[value], countsOf(index)[value]));
    const more = found.length - lines.length;
    return more > 0 ? [...lines, el('p', { class: 'note' }, `${more} more: type a part of their name`)] : lines;
  }

  function option(axis, value, count) {
    const show = el('button', {
      class: 'menu-show', type: 'button', 'data-value': value.key, 'aria-pressed': String(!isHidden(axis, value.key)),
    }, icon('check'), el('span', { class: 'menu-label', dir: 'auto' }, value.label), el('span', { class: 'count' }, String(count)));
    show.addEventListener('click', () => falExp.view.toggle('hidden', falExp.axes.nameOf(axis.key, value.key)));
    const only = el('button', { class: 'link only', type: 'button', 'aria-label': `Only ${value.label}` }, 'only');
    only.addEventListener('click', () => setHidden(axis, axis.values.map(({ key }) => key).filter((key) => key !== value.key)));
    return el('div', { class: 'menu-row' }, show, only);
  }

  /** Hide these values of an axis and show its others. */
  function setHidden(axis, keys) {
    const prefix = falExp.axes.nameOf(axis.key, '');
    const others = [...falExp.view.get().hidden].filter((name) => !name.startsWith(prefix));
    falExp.view.set({ hidden: new Set([...others, ...keys.map((key) => falExp.axes.nameOf(axis.key, key))]) });
  }

  function buildPanel() {
    const { axes } = falExp.data.batch;
    const sliders = falExp.sliders.build();
    const facets = axes.map((axis, index) => [axis, index]).filter(([axis]) => axis.values.length > 1)
      .map(([axis, index]) => facet(axis, index));
    const clear = el('button', { class: 'quiet text', type: 'button' }, 'Clear all filters');
    clear.addEventListener('click', () => falExp.view.set(falExp.filter.cleared()));
    const update = () => {
      [sliders, ...facets].forEach((each) => each.update());
      clear.disabled = falExp.filter.active(falExp.view.get()).length === 0;
    };
    update();
    return {
      update,
      content: [
        ...falExp.filter.controls().filter((filter) => filter.control).map((filter) => filter.control()),
        el('h3', {}, 'Numbers'), sliders.node,
        facets.length > 0 && el('h3', {}, 'Values'), ...facets.map(({ node }) => node),
        el('div', { class: 'panel-foot' }, clear),
      ].filter(Boolean),
    };
  }

  /** Bring chips and the filter button in line with the view. */
  function draw(view) {
    for (const chip of byId('chips').children) {
      chip.setAttribute('aria-pressed', String(!view.states.has(chip.dataset.value)));
    }
    const active = falExp.filter.active(view).length - (view.query.trim() ? 1 : 0) - (view.states.size > 0 ? 1 : 0);
    byId('filter').classList.toggle('changed', active > 0);
    byId('filter').querySelector('.count').textContent = active > 0 ? String(active) : '';
  }

  function start() {
    byId('chips').append(...chips());
    falExp.panel.attach(byId('filter'), 'Filter', buildPanel);
  }

  falExp.facets = { start, draw };
})((globalThis.falExp = globalThis.falExp || {}));
