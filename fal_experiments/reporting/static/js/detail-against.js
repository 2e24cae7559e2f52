/* Which cell the open one is held against: the one chosen here, else what is pinned. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const { part } = falExp.lines;
  /** A list of ten thousand cells would be no choice. */
  const MOST_CHOICES = 60;

  falExp.hash.register('against', {
    empty: null,
    read: (parameters) => parameters.get('against') || null,
    write: (key, parameters) => key && parameters.set('against', key),
  });

  /** @returns {number|null} the cell that is pinned for this one: itself, or of its row or column */
  function pinned(index) {
    const { pin } = falExp.view.get();
    if (!pin) return null;
    if (pin.kind === 'cell') return other(index, falExp.data.indexOf.get(pin.key));
    const place = falExp.layout.find?.(falExp.grid.state.plan, index);
    return place ? other(index, falExp.pins.baseOf(falExp.view.get(), place.section, place.row, place.column)) : null;
  }

  function other(index, found) {
    return found === undefined || found === index ? null : found;
  }

  /** @returns {number|null} */
  function targetOf(index) {
    const chosen = falExp.data.indexOf.get(falExp.view.get().against);
    return other(index, chosen) ?? pinned(index);
  }

  /** @returns {Map<string, number[]>} cells that differ from this one on a single axis, by its label */
  function kin(index) {
    const { batch, cells } = falExp.data;
    const own = cells[index].at;
    const found = new Map();
    let count = 0;
    for (let each = 0; each < cells.length && count < MOST_CHOICES; each += 1) {
      const apart = own.flatMap((value, axis) => (cells[each].at[axis] === value ? [] : [axis]));
      if (apart.length !== 1) continue;
      const label = batch.axes[apart[0]].label;
      found.set(label, [...(found.get(label) || []), each]);
      count += 1;
    }
    return found;
  }

  function nameOf(index) {
    const cell = falExp.data.cells[index];
    return [falExp.data.promptOf(cell).id, falExp.data.nameOf(cell), cell.run_label].filter(Boolean).join(' · ');
  }

  function chooser(index, target) {
    const groups = [...kin(index)].map(([label, cells]) => el('optgroup', { label: `another ${label}` },
      ...cells.map((each) => option(each, target))));
    const known = new Set([...kin(index).values()].flat());
    const pin = pinned(index);
    const select = el('select', { class: 'against', 'aria-label': 'Compare with' },
      el('option', { value: '' }, pin === null ? 'nothing' : `the pinned one: ${nameOf(pin)}`),
      target !== null && target !== pin && !known.has(target) && option(target, target), ...groups);
    select.addEventListener('change', () => falExp.view.set({ against: select.value || null }));
    return select;
  }

  function option(index, target) {
    const made = el('option', { value: falExp.data.cells[index].key }, nameOf(index));
    made.selected = index === target && falExp.view.get().against !== null;
    return made;
  }

  /**
   * Fill the two places of the drawer that hold a cell against another one.
   * @param {HTMLElement} body  as falExp.detail.build returns it
   */
  async function fill(body, index, detail) {
    const target = targetOf(index);
    const payload = body.querySelector('.against-payload');
    const metrics = body.querySelector('.against-metrics');
    if (!payload || !metrics) return;
    let theirs = null;
    let problem = '';
    try {
      theirs = target === null ? null : await falExp.data.detailOf(target);
    } catch (error) {
      problem = error.message;
    }
    if (target !== targetOf(index)) return; // another one was chosen while this one was loaded
    const label = el('label', { class: 'against-label' }, 'Compare with ', chooser(index, target));
    payload.replaceChildren(part('Arguments against another cell', label,
      problem ? el('p', { class: 'tone-bad', role: 'alert' }, problem) : falExp.payload.differences(detail, theirs)));
    const told = theirs && el('p', { class: 'note', dir: 'auto' }, `Against ${nameOf(target)}.`);
    const any = detail.metrics?.length > 0 || detail.metric_notes?.length > 0;
    metrics.replaceChildren(...(any ? [part('Measurements', told, falExp.record.metrics(detail, theirs))] : []));
  }

  falExp.against = { fill };
})((globalThis.falExp = globalThis.falExp || {}));
