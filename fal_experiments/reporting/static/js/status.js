/* What the page says of itself: how many cells are shown, what they are held against, why none is. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;

  function link(label, patch) {
    const button = el('button', { class: 'link', type: 'button' }, label);
    button.addEventListener('click', () => falExp.view.set(patch));
    return button;
  }

  function drawCount(plan) {
    const all = falExp.tile.countOf(falExp.data.cells.length, 'cell');
    byId('count').textContent = `${plan.shown} of ${all} shown`;
    byId('count').title = plan.elsewhere > 0 ? `${plan.elsewhere} more on other pages` : '';
  }

  /** Say why the page is empty, and offer every way back. */
  function drawNothing(plan, view) {
    const box = byId('nothing');
    box.hidden = plan.shown > 0;
    if (plan.shown > 0) {
      box.replaceChildren();
      return;
    }
    const active = falExp.filter.active(view);
    box.replaceChildren(
      el('p', {}, active.length > 0 ? 'No cell passes the filters.' : 'There is nothing here.'),
      el('ul', {}, ...active.map(({ label, patch }) => el('li', {}, el('span', { dir: 'auto' }, label), ' ', link('drop', patch)))),
      active.length > 0 && clearAll());
  }

  function clearAll() {
    const button = el('button', { class: 'quiet text', type: 'button' }, 'Clear all filters');
    button.addEventListener('click', () => {
      falExp.view.set(falExp.filter.cleared());
      falExp.grid.activate(falExp.grid.state.active, { focus: true });
    });
    return button;
  }

  /** Name the baseline; one that is not on the page is named too. */
  function drawBaseline(plan, view) {
    const line = byId('baseline');
    line.hidden = view.pin === null;
    if (view.pin === null) return;
    line.replaceChildren(el('span', { class: 'badge baseline' }, 'baseline'), el('span', { dir: 'auto' }, nameOf(plan, view.pin)), ' ',
      link('Unpin', { pin: null }));
  }

  function nameOf(plan, { kind, key }) {
    if (kind === 'cell') {
      const cell = falExp.data.cells[falExp.data.indexOf.get(key)];
      return cell ? `${falExp.data.nameOf(cell)} · ${falExp.data.promptOf(cell).id} · ${cell.run_label}` : 'a cell that this report does not have';
    }
    const lines = plan.sections.flatMap((section) => (kind === 'column' ? section.columns : section.pinnedRow || []));
    const line = lines.find((each) => each.key === key);
    return line ? `${falExp.heads.nameOf(line.at)} (${kind})` : `a ${kind} that is not on this page`;
  }

  function draw(plan, view) {
    drawCount(plan);
    drawNothing(plan, view);
    drawBaseline(plan, view);
    byId('query-problem').textContent = falExp.filter.parse(view.query).problem || '';
    byId('clear').classList.toggle('unused', falExp.filter.active(view).length === 0);
  }

  falExp.status = { draw };
})((globalThis.falExp = globalThis.falExp || {}));
