/* The Arrange panel: where each axis stands, and in which order. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const TITLES = {
    rows: ['Rows', 'down the page'], columns: ['Columns', 'across the page'], pages: ['Pages', 'one at a time'],
    cycle: ['Cycling', 'one after the other'], fold: ['Inside a cell', 'one on top'],
  };

  const placesNow = () => falExp.axes.placement(falExp.data.batch, falExp.view.get().layout);

  function put(key, place, position) {
    falExp.view.set({ layout: falExp.axes.moved(placesNow(), key, place, position) });
  }

  function build() {
    const { axes } = falExp.data.batch;
    const places = placesNow();
    const varied = axes.filter((axis) => axis.values.length > 1);
    /* A model without seeds repeats by itself: "repeat 1" would be wrong for its cells. */
    const held = axes.filter((axis) => axis.values.length === 1 && axis.key !== 'repeat');
    const reset = el('button', { class: 'quiet text', type: 'button', 'data-focus': 'reset', disabled: falExp.view.get().layout === null },
      'Reset');
    reset.addEventListener('click', () => falExp.view.set({ layout: null }));
    return {
      content: [
        varied.length === 0 && el('p', { class: 'note' }, 'This batch varies nothing: there is one cell.'),
        ...falExp.axes.PLACES.map((place) => lane(place, varied, places)),
        held.length > 0 && el('p', { class: 'note', dir: 'auto' },
          `The same for every cell: ${held.map((axis) => heldWords(axis)).join(', ')}`),
        el('div', { class: 'panel-foot' }, reset),
      ].filter(Boolean),
    };
  }

  function heldWords({ label, values: [value] }) {
    const name = label.toLowerCase();
    return value.label.startsWith(`${name} `) ? value.label : `${name} ${value.label}`;
  }

  function lane(place, varied, places) {
    const [title, what] = TITLES[place];
    const own = places[place].filter((key) => varied.some((axis) => axis.key === key));
    return el('div', { class: 'lane', role: 'group', 'aria-label': title },
      el('h3', {}, title, ' ', el('small', {}, what)),
      ...own.map((key, at) => axisLine(varied.find((axis) => axis.key === key), place, { at, own, places })),
      own.length === 0 && el('p', { class: 'note lane-empty' }, 'nothing'));
  }

  function axisLine(axis, place, { at, own, places }) {
    const choice = el('select', { 'aria-label': `Where ${axis.label} stands`, 'data-focus': `place-${axis.key}` },
      ...falExp.axes.PLACES.map((each) => el('option', { value: each, selected: each === place }, TITLES[each][0])));
    choice.addEventListener('change', () => put(axis.key, choice.value));
    const step = (by, sign, label) => {
      const button = el('button', {
        class: 'quiet', type: 'button', 'aria-label': `${label} ${axis.label}`, title: label, 'data-focus': `${sign}-${axis.key}`,
        disabled: own[at + by] === undefined,
      }, icon(sign));
      button.addEventListener('click', () => put(axis.key, place, places[place].indexOf(own[at + by])));
      return button;
    };
    return el('div', { class: 'axis-line' },
      el('span', { class: 'axis-name' }, axis.label, ' ', el('small', {}, `${axis.values.length} values`)),
      step(-1, 'up', 'Further out'), step(1, 'down', 'Further in'), choice);
  }

  function start() {
    falExp.panel.attach(byId('arrange'), 'Arrange', build);
    const show = (view) => byId('arrange').classList.toggle('changed', view.layout !== null);
    falExp.view.onChange(show);
    show(falExp.view.get());
  }

  falExp.arrange = { start };
})((globalThis.falExp = globalThis.falExp || {}));
