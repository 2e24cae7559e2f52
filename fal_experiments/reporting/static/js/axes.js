/* Where each axis stands - rows, columns, pages, cycling, inside a cell - and how its values follow. */
(function (falExp) {
  'use strict';

  const PLACES = ['rows', 'columns', 'pages', 'cycle', 'fold'];
  const PARAMETERS = { rows: 'rows', columns: 'cols', pages: 'pages', cycle: 'cycle', fold: 'fold' };
  /** A cell that has no value on an axis: no input, no seed. */
  const NONE = -1;

  /**
   * @typedef {{rows: string[], columns: string[], pages: string[], cycle: string[], fold: string[]}} Placement
   *   keys of axes by place, the outermost first
   */

  /**
   * Return where every axis of the batch stands: as `layout` says, else as the batch says.
   * @param {Partial<Placement>|null} layout
   * @returns {Placement}  has every axis exactly once
   */
  function placement(batch, layout) {
    const left = new Set(batch.axes.map((axis) => axis.key));
    const places = {};
    for (const place of PLACES) places[place] = (layout?.[place] || []).filter((key) => left.delete(key));
    for (const place of PLACES) {
      places[place].push(...(batch.layout[place] || []).filter((key) => left.delete(key)));
    }
    places.rows.push(...left);
    return places;
  }

  /** Return the placement with an axis moved to a place, behind the first `position` axes of it. */
  function moved(places, key, place, position = Infinity) {
    const next = {};
    for (const each of PLACES) next[each] = places[each].filter((other) => other !== key);
    next[place].splice(Math.min(position, next[place].length), 0, key);
    return next;
  }

  /** @returns {string} the place of an axis */
  function placeOf(places, key) {
    return PLACES.find((place) => places[place].includes(key));
  }

  /** @returns {number[]} indices of all values of an axis in the order that the view gives them */
  function ordered(axis, view) {
    const all = axis.values.map((_, index) => index);
    const wish = (view.orders[axis.key] || []).filter((index, at, list) => (
      index < all.length && list.indexOf(index) === at));
    const known = new Set(wish);
    return [...wish, ...all.filter((index) => !known.has(index))];
  }

  /**
   * Return the order of an axis in which value `from` stands where `to` stood.
   * @returns {number[]}
   */
  function reordered(axis, view, from, to) {
    const order = ordered(axis, view);
    const goal = order.indexOf(to);
    order.splice(order.indexOf(from), 1);
    order.splice(goal, 0, from);
    return order;
  }

  /**
   * Return the orders in which one line (row or column) has gone to the place of another: the value
   * of the outermost axis in which they differ moves.
   * @param {[number, number][]} from  [axis, value] of the line
   * @param {[number, number][]} to    of the line whose place it takes
   * @returns {object|null}  null where nothing can move
   */
  function swapped(batch, view, from, to) {
    const differing = from.findIndex(([, value], at) => value !== to[at][1]);
    if (differing < 0) return null;
    const axis = batch.axes[from[differing][0]];
    if (from[differing][1] === NONE || to[differing][1] === NONE) return null;
    return { ...view.orders, [axis.key]: reordered(axis, view, from[differing][1], to[differing][1]) };
  }

  /** @returns {string} how a value is named in the set of hidden ones */
  const nameOf = (axisKey, valueKey) => `${axisKey}=${valueKey}`;

  /** @returns {string} short text of an order: `3,0-2` */
  function writeOrder(order) {
    const runs = [];
    for (const index of order) {
      const run = runs.at(-1);
      if (run && run[1] + 1 === index) run[1] = index;
      else runs.push([index, index]);
    }
    return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
  }

  /** @returns {number[]} what `writeOrder` wrote; nonsense is left out */
  function readOrder(text) {
    return text.split(',').flatMap((run) => {
      const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(run) || [];
      return from === undefined || to - from > 99999
        ? [] : Array.from({ length: Math.max(0, to - from + 1) }, (_, step) => Number(from) + step);
    });
  }

  /** A field of pairs `axis=value` as an object. */
  function pairs(parameter, readValue, writeValue) {
    return {
      empty: () => ({}),
      read: (parameters) => Object.fromEntries(parameters.getAll(parameter)
        .filter((text) => text.includes('='))
        .map((text) => [text.slice(0, text.indexOf('=')), readValue(text.slice(text.indexOf('=') + 1))])),
      write: (value, parameters) => {
        for (const key of Object.keys(value).sort()) {
          parameters.append(parameter, `${key}=${writeValue(value[key])}`);
        }
      },
    };
  }

  falExp.hash.register('layout', {
    empty: null,
    read: (parameters) => {
      const layout = {};
      for (const [place, name] of Object.entries(PARAMETERS)) {
        if (parameters.has(name)) layout[place] = parameters.get(name).split(',').map(unescapeKey).filter(Boolean);
      }
      return Object.keys(layout).length > 0 ? layout : null;
    },
    write: (layout, parameters) => {
      for (const [place, name] of Object.entries(PARAMETERS)) {
        if (layout?.[place]?.length > 0) parameters.set(name, layout[place].map(escapeKey).join(','));
      }
    },
  });
  const escapeKey = (key) => key.replace(/[%,]/g, (sign) => (sign === '%' ? '%25' : '%2C'));
  const unescapeKey = (key) => key.replace(/%2C/g, ',').replace(/%25/g, '%');

  falExp.hash.register('orders', pairs('order', readOrder, writeOrder));
  falExp.hash.register('hidden', falExp.hash.set('hide'));
  falExp.hash.register('at', pairs('at', String, String));

  falExp.axes = {
    PLACES, NONE, placement, moved, placeOf, ordered, reordered, swapped, nameOf, writeOrder, readOrder,
  };
})((globalThis.falExp = globalThis.falExp || {}));
