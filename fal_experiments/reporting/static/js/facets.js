/* Chips and menus that show and hide states, presets and prompts. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  /** Order of the states: done first, then what moves, what waits for a person, what went wrong. */
  const TONES = ['good', 'busy', 'person', 'bad', 'warn', 'idle'];

  /** @returns {{value: string, label: string, tone?: string, count: number}[]} */
  function values(facet) {
    const found = new Map();
    const count = (value, entry) => {
      if (!found.has(value)) found.set(value, { value, count: 0, ...entry });
      found.get(value).count += 1;
    };
    for (const cell of falExp.data.cells) {
      const column = falExp.data.columnOf(cell);
      const prompt = falExp.data.promptOf(cell);
      if (facet === 'states') count(cell.state, { label: cell.state_label, tone: cell.tone, cell });
      else if (facet === 'prompts') count(prompt.id, { label: prompt.id });
      else count(column.key, { label: [column.title, column.variant].filter(Boolean).join(' · ') });
    }
    const entries = [...found.values()];
    if (facet === 'states') entries.sort((a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone));
    return entries;
  }

  function chip(facet, entry) {
    const button = el('button', {
      class: 'chip', type: 'button', 'data-facet': facet, 'data-value': entry.value,
    }, el('span', { class: `chip-mark tone-${entry.tone}` }, falExp.tile.stateIcon(entry.cell)),
    el('span', {}, entry.label), el('span', { class: 'count' }, String(entry.count)));
    button.addEventListener('click', () => falExp.view.toggle(facet, entry.value));
    return button;
  }

  function menu(facet, title) {
    const entries = values(facet);
    const list = el('div', { class: 'menu-list' }, ...entries.map((entry) => option(facet, entry, entries)));
    const all = el('button', { class: 'link', type: 'button' }, 'Show all');
    all.addEventListener('click', () => falExp.view.set({ [facet]: new Set() }));
    const details = el('details', { class: 'menu', 'data-facet': facet },
      el('summary', {}, el('span', {}, title), el('span', { class: 'count' }), icon('down')),
      el('div', { class: 'menu-panel' }, list, all));
    details.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !details.open) return;
      event.stopPropagation();
      details.open = false;
      details.querySelector('summary').focus();
    });
    return details;
  }

  function option(facet, entry, entries) {
    const show = el('button', {
      class: 'menu-show', type: 'button', 'data-facet': facet, 'data-value': entry.value,
    }, icon('check'), el('span', { class: 'menu-label', dir: 'auto' }, entry.label),
    el('span', { class: 'count' }, String(entry.count)));
    show.addEventListener('click', () => falExp.view.toggle(facet, entry.value));
    const only = el('button', { class: 'link only', type: 'button', 'aria-label': `Only ${entry.label}` }, 'only');
    only.addEventListener('click', () => falExp.view.set({
      [facet]: new Set(entries.map((each) => each.value).filter((value) => value !== entry.value)),
    }));
    return el('div', { class: 'menu-row' }, show, only);
  }

  /** Bring every chip and menu in line with the view. */
  function draw(view) {
    for (const button of byId('facets').querySelectorAll('[data-value]')) {
      button.setAttribute('aria-pressed', String(!view[button.dataset.facet].has(button.dataset.value)));
    }
    for (const each of byId('facets').querySelectorAll('.menu')) {
      const total = each.querySelectorAll('.menu-show').length;
      const shown = each.querySelectorAll('.menu-show[aria-pressed="true"]').length;
      each.querySelector('summary .count').textContent = shown < total ? `${shown} of ${total}` : `${total}`;
      each.classList.toggle('filtering', shown < total);
    }
  }

  function start() {
    byId('facets').append(
      el('div', { class: 'chips', role: 'group', 'aria-label': 'States' },
        ...values('states').map((entry) => chip('states', entry))),
      menu('presets', 'Presets'), menu('prompts', 'Prompts'),
    );
    document.addEventListener('pointerdown', (event) => {
      for (const each of byId('facets').querySelectorAll('.menu[open]')) {
        if (!each.contains(event.target)) each.open = false;
      }
    });
  }

  falExp.facets = { start, draw };
})((globalThis.falExp = globalThis.falExp || {}));
