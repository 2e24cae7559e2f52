/* From cells to a page: sections by task, groups by prompt, rows and columns; how arrows move in it. */
(function (falExp) {
  'use strict';

  const NO_CELL = -1;
  const FILTERED = -2;
  const { NONE } = falExp.axes;

  /**
   * @typedef {[number, number][]} Line  [axis, value] by axis, the outermost first
   * @typedef {object} Column
   * @property {string} key  its values by name; the same on every page
   * @property {Line} at
   * @typedef {object} Row
   * @property {string} key
   * @property {Line} at
   * @property {number} prompt       index of the prompt of all its cells, NONE where they differ
   * @property {number[]} cells      by column: the cell on top, NO_CELL or FILTERED
   * @property {Map<number, number[]>} stacks  by column, where more than one cell stands in a place
   * @typedef {object} Section
   * @property {string} task
   * @property {Column[]} columns    a pinned one comes first
   * @property {boolean} columnPinned
   * @property {Row|null} pinnedRow  stands above the others, in no group
   * @property {{prompt: number, value: number, rows: Row[]}[]} groups
   */

  /**
   * Arrange the cells that pass the filters. Rows and columns without any of them are left out.
   * @returns {{sections: Section[], shown: number, elsewhere: number, places: Placement, banded: boolean,
   *   turns: {axis: number, place: string, current: number, values: number[]}[]}}
   *   elsewhere: cells that pass on other pages; turns: the axes that pages and cycling go through
   */
  function arrange(batch, cells, view) {
    const places = falExp.axes.placement(batch, view.layout);
    const passing = cells.map(falExp.filter.compile(view));
    const turns = turnsOf(batch, cells, view, places, passing);
    const ranks = batch.axes.map((axis) => ranksOf(axis, view));
    const lines = { rows: indices(batch, places.rows), columns: indices(batch, places.columns) };
    const drafts = new Map(tasksOf(batch).map((task) => [task, draft()]));
    let shown = 0;
    let elsewhere = 0;
    cells.forEach((cell, index) => {
      if (turns.some(({ axis, current }) => cell.at[axis] !== current)) {
        elsewhere += passing[index] ? 1 : 0;
        return;
      }
      shown += passing[index] ? 1 : 0;
      put(drafts.get(batch.prompts[cell.prompt].task), lines, cell, passing[index] ? index : FILTERED);
    });
    const banded = hasBands(batch, places);
    const context = { batch, cells, view, ranks, banded };
    const sections = [...drafts].map(([task, each]) => finish(context, task, each))
      .filter((section) => section.columns.length > 0);
    return { sections, shown, elsewhere, places, banded, turns };
  }

  const indices = (batch, keys) => keys.map((key) => batch.axes.findIndex((axis) => axis.key === key));

  function tasksOf(batch) {
    return [...new Set(batch.prompts.map((prompt) => prompt.task))];
  }

  function ranksOf(axis, view) {
    const ranks = [];
    falExp.axes.ordered(axis, view).forEach((value, rank) => { ranks[value] = rank; });
    return ranks;
  }

  /** Prompts stand as bands above their rows where a row has one prompt and its neighbours share it. */
  function hasBands(batch, places) {
    if (places.pages.includes('prompt') || places.cycle.includes('prompt')) return true;
    const many = places.rows.filter((key) => key === 'prompt'
      || batch.axes.find((axis) => axis.key === key).values.length > 1);
    return many[0] === 'prompt';
  }

  /* A page shows one value of each axis that is turned: the one asked for, else the first with cells. */
  function turnsOf(batch, cells, view, places, passing) {
    return ['pages', 'cycle'].flatMap((place) => indices(batch, places[place]).map((axis) => {
      const { key, values: named } = batch.axes[axis];
      const met = new Set();
      cells.forEach((cell, index) => passing[index] && met.add(cell.at[axis]));
      const values = [...falExp.axes.ordered(batch.axes[axis], view), NONE].filter((value) => met.has(value));
      const asked = named.findIndex((value) => value.key === view.at[key]);
      const wished = key in view.at && view.at[key] === '' ? NONE : asked;
      return { axis, place, values, current: values.includes(wished) ? wished : values[0] ?? NONE };
    }));
  }

  const draft = () => ({ rows: new Map(), columns: new Map() });

  function put(into, lines, cell, entry) {
    const rowId = lines.rows.map((axis) => cell.at[axis]).join();
    const columnId = lines.columns.map((axis) => cell.at[axis]).join();
    if (!into.rows.has(rowId)) into.rows.set(rowId, { at: lineOf(lines.rows, cell), places: new Map(), some: false });
    if (!into.columns.has(columnId)) into.columns.set(columnId, { at: lineOf(lines.columns, cell), some: false });
    const row = into.rows.get(rowId);
    if (!row.places.has(columnId)) row.places.set(columnId, []);
    if (entry === FILTERED) return;
    row.places.get(columnId).push(entry);
    row.some = true;
    into.columns.get(columnId).some = true;
  }

  const lineOf = (axes, cell) => axes.map((axis) => [axis, cell.at[axis]]);

  function finish(context, task, { rows, columns }) {
    const byRank = (one, other) => {
      for (let at = 0; at < one.at.length; at += 1) {
        const [axis, value] = one.at[at];
        const rank = (which) => context.ranks[axis][which] ?? Infinity;
        if (value !== other.at[at][1]) return rank(value) - rank(other.at[at][1]);
      }
      return 0;
    };
    const keyed = (lines) => [...lines].filter(([, line]) => line.some)
      .map(([id, line]) => ({ id, key: keyOf(context.batch, line.at), ...line })).sort(byRank);
    const { pin } = context.view;
    const across = pinnedFirst(keyed(columns), pin?.kind === 'column' ? pin.key : null);
    const down = keyed(rows).map((row) => finishRow(context, row, across));
    const pinnedRow = (pin?.kind === 'row' && down.find((row) => row.key === pin.key)) || null;
    return {
      task, pinnedRow,
      columns: across.map(({ key, at }) => ({ key, at })),
      columnPinned: pin?.kind === 'column' && across[0]?.key === pin.key,
      groups: groupsOf(context, down.filter((row) => row !== pinnedRow)),
    };
  }

  function pinnedFirst(lines, key) {
    const pinned = lines.filter((line) => line.key === key);
    return [...pinned, ...lines.filter((line) => line.key !== key)];
  }

  function finishRow({ cells }, { key, at, places }, columns) {
    const row = { key, at, prompt: NONE, cells: [], stacks: new Map() };
    const prompts = new Set();
    columns.forEach(({ id }, column) => {
      const here = places.get(id);
      row.cells.push(here === undefined ? NO_CELL : here[0] ?? FILTERED);
      if (here?.length > 1) row.stacks.set(column, here);
      (here || []).forEach((index) => prompts.add(cells[index].prompt));
    });
    if (prompts.size === 1) [row.prompt] = prompts;
    return row;
  }

  /** @returns {string} a line by the keys of its values, in one order whatever the arrangement: for the address */
  function keyOf(batch, at) {
    return [...at].sort(([a], [b]) => a - b).map(([axis, value]) => {
      const { key, values } = batch.axes[axis];
      return `${encodeURIComponent(key)}=${encodeURIComponent(values[value]?.key ?? '')}`;
    }).join('&');
  }

  function groupsOf({ batch, banded }, rows) {
    if (!banded) return rows.length > 0 ? [{ prompt: NONE, value: NONE, rows }] : [];
    const axis = batch.axes.findIndex(({ key }) => key === 'prompt');
    const groups = [];
    for (const row of rows) {
      const value = row.at.find(([each]) => each === axis)?.[1] ?? NONE;
      const last = groups.at(-1);
      if (last && last.value === value && last.prompt === row.prompt) last.rows.push(row);
      else groups.push({ prompt: row.prompt, value, rows: [row] });
    }
    return groups;
  }

  falExp.layout = { arrange, keyOf, NO_CELL, FILTERED };
})((globalThis.falExp = globalThis.falExp || {}));
