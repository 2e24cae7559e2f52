/* The grid: sections by task, groups by prompt, rows that are filled only near the window. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const NEAR = '1200px 0px';
  const state = { plan: null, active: null, rowOfCell: new Map() };
  let nearby = null;

  /** Draw the plan anew. The active cell stays active if it is still shown. */
  function render(plan) {
    falExp.players.releaseAll();
    falExp.sync.unwatchAll();
    nearby?.disconnect();
    nearby = new IntersectionObserver(onNear, { rootMargin: NEAR });
    state.plan = plan;
    state.rowOfCell.clear();
    const order = falExp.layout.order(plan);
    if (!order.includes(state.active)) state.active = order[0] ?? null;
    const many = falExp.data.batch.prompts.some((p) => p.task !== falExp.data.batch.prompts[0].task);
    byId('grid').replaceChildren(...plan.sections.map((section) => buildSection(section, many)));
    byId('nothing').hidden = plan.shown > 0;
    falExp.sizes.apply();
    if (state.active !== null) fill(state.rowOfCell.get(state.active));
  }

  function buildSection(section, titled) {
    const { batch } = falExp.data;
    const scroller = el('div', { class: 'scroller' }, el('div', { class: 'rows', role: 'rowgroup' },
      ...section.groups.flatMap((group) => [promptBand(group), ...group.rows.map(shell)])));
    const head = el('div', { class: 'head' }, el('div', { class: 'line columns', role: 'row' },
      el('div', { class: 'corner', role: 'columnheader', 'aria-label': 'Row' }),
      ...section.columns.map((column) => columnHead(batch.columns[column]))));
    scroller.addEventListener('scroll', () => { head.scrollLeft = scroller.scrollLeft; }, { passive: true });
    const grid = el('div', { class: 'grid', role: 'grid', 'aria-label': `Clips, ${section.task}` },
      head, scroller);
    grid.style.setProperty('--columns', String(section.columns.length));
    return el('section', { class: 'task' }, titled && el('h2', {}, section.task), grid);
  }

  function columnHead(column) {
    const name = column.variant ? `${column.title}, ${column.variant}` : column.title;
    const hide = el('button', {
      class: 'quiet hide', type: 'button', title: 'Hide this column', 'aria-label': `Hide ${name}`,
    }, icon('eye-off'));
    hide.addEventListener('click', () => falExp.view.toggle('presets', column.key));
    return el('div', { class: 'column', role: 'columnheader' },
      el('div', { class: 'column-title' }, el('strong', { title: column.preset }, column.title),
        column.variant && el('span', { class: 'variant' }, column.variant)),
      el('div', { class: 'column-facts' },
        el('code', { title: column.endpoint }, column.endpoint),
        el('span', {}, column.seed_note),
        column.done && el('span', { class: `tone-${column.tone} done` }, `${column.done} done`)),
      hide);
  }

  function promptBand(group) {
    const prompt = falExp.data.batch.prompts[group.prompt];
    const text = el('p', { class: 'prompt-text clamped', dir: 'auto' }, prompt.text);
    const more = el('button', { class: 'link more', type: 'button', 'aria-expanded': 'false', hidden: true },
      'Show all');
    more.addEventListener('click', () => {
      const open = text.classList.toggle('clamped');
      more.textContent = open ? 'Show all' : 'Show less';
      more.setAttribute('aria-expanded', String(!open));
    });
    const band = el('div', { class: 'prompt', role: 'row' }, el('div', { role: 'rowheader', class: 'prompt-box' },
      el('strong', { class: 'prompt-id' }, prompt.id), text, more));
    nearby.observe(band);
    return band;
  }

  function shell(row) {
    const cells = row.cells.filter((cell) => cell >= 0);
    const height = falExp.geometry.boxHeight(cells.map((cell) => falExp.data.cells[cell]));
    const line = el('div', { class: 'line row', role: 'row' });
    line.style.setProperty('--height', height.toFixed(4));
    Object.assign(line, { falExpRow: row, falExpHeight: height });
    for (const cell of cells) state.rowOfCell.set(cell, line);
    nearby.observe(line);
    return line;
  }

  function onNear(entries) {
    for (const { target, isIntersecting } of entries) {
      if (target.classList.contains('prompt')) measure(target);
      else if (isIntersecting) fill(target);
      else drain(target);
    }
  }

  function measure(band) {
    const text = band.querySelector('.prompt-text');
    if (!text.classList.contains('clamped')) return;
    band.querySelector('.more').hidden = text.scrollHeight <= text.clientHeight + 1;
  }

  function fill(line) {
    if (line.childElementCount > 0) return;
    const { row, cells } = line.falExpRow;
    const { seed_label: seed, input, input_picture: picture } = falExp.data.batch.rows[row];
    line.append(
      el('div', { class: 'label', role: 'rowheader' }, el('span', {}, seed),
        input && el('span', { class: 'input', title: `input ${input}` }, input),
        picture && anchor(picture, input)),
      ...cells.map((cell) => (cell >= 0 ? falExp.tile.build(cell, line.falExpHeight) : falExp.tile.blank(cell))),
    );
    line.style.minHeight = '';
    const active = tileOf(state.active);
    if (active) active.tabIndex = 0;
    falExp.sync.watch(line);
  }

  /* What the clips of a row start from. */
  function anchor({ href, width_px: width, height_px: height }, input) {
    return el('img', { class: 'anchor', src: href, width, height, alt: `input ${input}` });
  }

  /* The row of the active cell stays, so that Tab can always enter the grid. */
  function drain(line) {
    if (line.childElementCount === 0 || line === state.rowOfCell.get(state.active)) return;
    line.falExpRow.cells.forEach(falExp.players.release);
    falExp.sync.unwatch(line);
    line.style.minHeight = `${line.offsetHeight}px`;
    line.replaceChildren();
  }

  /** @returns {HTMLElement|null} the tile of a cell, if its row is filled */
  function tileOf(index) {
    return state.rowOfCell.get(index)?.querySelector(`.tile[data-index="${index}"]`) ?? null;
  }

  function frameOf(index) {
    return tileOf(index)?.querySelector('.frame') ?? null;
  }

  /** Make a cell the one that Tab reaches, and focus it if asked to. */
  function activate(index, { focus = false } = {}) {
    const line = state.rowOfCell.get(index);
    if (!line) return;
    const before = tileOf(state.active);
    if (before) before.tabIndex = -1;
    state.active = index;
    fill(line);
    const tile = tileOf(index);
    tile.tabIndex = 0;
    if (!focus) return;
    tile.focus({ preventScroll: true });
    tile.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  function fillAll() {
    lines().forEach(fill);
  }

  /** Let empty rows take the height that tiles of another size will need. */
  function forgetHeights() {
    lines().forEach((line) => { line.style.minHeight = ''; });
  }

  const lines = () => new Set(state.rowOfCell.values());

  falExp.grid = { state, render, tileOf, frameOf, activate, fillAll, forgetHeights };
})((globalThis.falExp = globalThis.falExp || {}));
