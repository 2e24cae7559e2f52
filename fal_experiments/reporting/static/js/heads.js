/* What names a place: heads of columns, labels of rows, bands of prompts; and what can be done there. */
(function (falExp) {
  'use strict';

  const { el, icon } = falExp.dom;

  /**
   * Return the values that name a line, the outermost first: those of axes that vary, and if none
   * does, those that there are.
   * @param {Line} at
   * @param {string[]} [without]  axes that are named elsewhere
   * @returns {{axis: object, value: object}[]}
   */
  function naming(at, without = []) {
    const { batch } = falExp.data;
    const all = at.map(([axis, value]) => ({ axis: batch.axes[axis], value: batch.axes[axis].values[value] || null }))
      .filter(({ axis }) => !without.includes(axis.key));
    const varied = all.filter(({ axis }) => axis.values.length > 1 || axis.key === 'preset');
    if (varied.length > 0) return varied;
    return all.filter(({ axis, value }) => value && axis.key !== 'prompt').slice(-1);
  }

  const labelOf = ({ axis, value }) => (value ? value.label : `no ${axis.label.toLowerCase()}`);

  /** @returns {string} a line in words */
  function nameOf(at, without) {
    return naming(at, without).map(labelOf).join(' · ') || 'all cells';
  }

  /** Buttons of a line: hide, pin, and the rest in a menu. `kind` is 'row' or 'column'. */
  function tools(kind, line, more) {
    const name = nameOf(line.at);
    const view = falExp.view.get();
    const pinned = falExp.pins.isPinned(view, kind, line.key);
    const make = (sign, label, run, extra = {}) => {
      const button = el('button', { class: 'tool', type: 'button', title: label, 'aria-label': `${label}: ${name}`, ...extra }, icon(sign));
      button.addEventListener('click', () => run(button));
      return button;
    };
    const hideable = naming(line.at).filter(({ axis, value }) => value && axis.values.length > 1);
    const hide = (button) => (hideable.length === 1 ? hideValue(hideable[0])
      : falExp.panel.menu(button, 'Hide', hideable.map(hideItem)));
    return el('span', { class: 'line-tools' },
      hideable.length > 0 && make('eye-off', `Hide this ${kind}`, hide),
      make('pin', pinned ? 'Unpin the baseline' : `Pin this ${kind} as baseline`,
        () => falExp.pins.toggle(kind, line.key), { 'aria-pressed': String(pinned) }),
      make('more', 'More', (button) => falExp.panel.menu(button, name, [
        ...more, ...moves(kind, line), ...hideable.map(hideItem),
      ])));
  }

  const hideItem = (part) => ({ label: `Hide ${labelOf(part)}`, icon: 'eye-off', run: () => hideValue(part) });

  function hideValue({ axis, value }) {
    falExp.view.toggle('hidden', falExp.axes.nameOf(axis.key, value.key));
  }

  function moves(kind, line) {
    const words = kind === 'column' ? ['Move to the left', 'Move to the right'] : ['Move up', 'Move down'];
    return [-1, 1].map((step, at) => ({
      label: words[at], icon: ['left', 'right'][at], run: () => falExp.shift.by(kind, line.key, step),
      disabled: !falExp.shift.can(kind, line.key, step),
    }));
  }

  /** @param {() => object[]} cellsOf  the cells of the column that are shown */
  function columnHead(column, position, isPinned, cellsOf) {
    const parts = naming(column.at);
    const [first, ...rest] = parts;
    const preset = parts.find(({ axis }) => axis.key === 'preset');
    const facts = preset && falExp.data.batch.presets.find(({ key }) => key === preset.value?.key);
    const prompt = parts.some(({ axis }) => axis.key === 'prompt') ? falExp.data.promptOf(cellsOf()[0]) : null;
    const head = el('div', {
      class: `column${isPinned ? ' pinned' : ''}`, role: 'columnheader', 'aria-colindex': position + 2, 'data-key': column.key,
    },
    el('div', { class: 'column-title' }, el('strong', { dir: 'auto' }, first ? labelOf(first) : 'All'),
      ...rest.map((part) => el('span', { class: part.value ? 'variant' : 'soft', dir: 'auto' }, labelOf(part))),
      isPinned && el('span', { class: 'badge baseline' }, 'baseline')),
    facts && el('div', { class: 'column-facts' }, el('code', { title: facts.endpoint }, facts.endpoint),
      el('span', {}, facts.seed_note),
      facts.done && parts.length === 1 && el('span', { class: `tone-${facts.tone}` }, `${facts.done} done`)),
    prompt && el('div', { class: 'column-facts' }, el('span', { class: 'clamped', dir: 'auto' }, prompt.text)),
    falExp.colour.median(cellsOf),
    tools('column', column, [facts && { label: facts.endpoint }, prompt && { label: prompt.text }].filter(Boolean)));
    head.style.setProperty('--col', String(position));
    return head;
  }

  /** @param {boolean} banded  the prompt stands in a band above */
  function rowLabel(row, banded, isPinned) {
    const parts = naming(row.at, banded && !isPinned ? ['prompt'] : []);
    const first = row.cells.find((cell) => cell >= 0);
    const cell = falExp.data.cells[first];
    const input = row.at.some(([axis]) => falExp.data.batch.axes[axis].key === 'input') ? falExp.data.inputOf(cell) : null;
    const prompt = parts.some(({ axis }) => axis.key === 'prompt') ? falExp.data.promptOf(cell) : null;
    const preset = parts.some(({ axis }) => axis.key === 'preset') ? falExp.data.presetOf(cell) : null;
    const alone = parts.length === 0 ? cell.run_label : null;
    return el('div', { class: 'label', role: 'rowheader', 'data-key': row.key },
      el('span', { class: 'label-parts' }, ...parts.map((part) => el('span', { dir: 'auto' }, labelOf(part))), alone),
      isPinned && el('span', { class: 'badge baseline' }, 'baseline'),
      input && !parts.some(({ axis }) => axis.key === 'input') && el('span', { class: 'soft', title: `input ${input.key}` }, input.key),
      prompt && el('span', { class: 'soft clamped', dir: 'auto' }, prompt.text),
      input?.picture && anchor(input),
      tools('row', row, [preset && { label: preset.endpoint }, prompt && { label: prompt.text }].filter(Boolean)));
  }

  /* What the clips of a row start from. */
  function anchor({ key, picture: { href, width_px: width, height_px: height } }) {
    return el('img', { class: 'anchor', src: href, width, height, alt: `input ${key}` });
  }

  function promptBand(group) {
    const prompt = falExp.data.batch.prompts[group.prompt];
    const box = el('div', { role: 'rowheader', class: 'prompt-box' });
    if (prompt) {
      const text = el('p', { class: 'prompt-text clamped', dir: 'auto' }, prompt.text);
      box.append(el('strong', { class: 'prompt-id' }, prompt.id), text);
    } else {
      const { axes } = falExp.data.batch;
      const named = axes.find(({ key }) => key === 'prompt').values[group.value];
      box.append(el('strong', { class: 'prompt-id' }, named?.label || 'Several prompts'),
        el('p', { class: 'prompt-text' }, 'The wording differs from cell to cell; the details of a cell show its own.'));
    }
    return el('div', { class: 'prompt', role: 'row' }, box);
  }

  /** Offer the rest of a text that is cut off; called once its size is known. */
  function offerRest(band) {
    const text = band.querySelector('.prompt-text.clamped');
    if (!text || band.querySelector('.more') || text.scrollHeight <= text.clientHeight + 1) return;
    const more = el('button', { class: 'link more', type: 'button', 'aria-expanded': 'false' }, 'Show all');
    more.addEventListener('click', () => {
      const clamped = text.classList.toggle('clamped');
      more.textContent = clamped ? 'Show all' : 'Show less';
      more.setAttribute('aria-expanded', String(!clamped));
    });
    text.after(more);
  }

  falExp.heads = { naming, labelOf, nameOf, columnHead, rowLabel, promptBand, offerRest };
})((globalThis.falExp = globalThis.falExp || {}));
