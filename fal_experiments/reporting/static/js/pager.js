/* Axes that are turned through: pages by hand, cycling by itself. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const SLOWEST_S = 5;
  const FASTEST_S = 0.5;
  const cycling = { on: false, everyS: 1.5, timer: 0, known: '' };

  const nameOf = ({ axis }, value) => {
    const { label, values } = falExp.data.batch.axes[axis];
    return values[value]?.label ?? `no ${label.toLowerCase()}`;
  };
  const keyOf = ({ axis }, value) => falExp.data.batch.axes[axis].values[value]?.key ?? '';

  function show(turn, value) {
    const { key } = falExp.data.batch.axes[turn.axis];
    falExp.view.set({ at: { ...falExp.view.get().at, [key]: keyOf(turn, value) } });
  }

  /** Go to the value `by` further, around the ends. */
  function step(turn, by) {
    const count = turn.values.length;
    if (count > 0) show(turn, turn.values[(turn.values.indexOf(turn.current) + by + count) % count]);
  }

  function turnsOf(place) {
    return (falExp.grid.state.plan?.turns || []).filter((turn) => turn.place === place);
  }

  /** Turn the innermost axis that has pages. */
  function stepPage(by) {
    const turn = turnsOf('pages').at(-1);
    if (turn) step(turn, by);
  }

  /* The innermost goes on; at its end it begins anew and the one around it goes on. */
  function stepCycle(by) {
    for (const turn of turnsOf('cycle').reverse()) {
      const next = turn.values.indexOf(turn.current) + by;
      step(turn, by);
      if (next >= 0 && next < turn.values.length) return;
    }
  }

  /** Draw the bar of what is turned. */
  function draw(plan) {
    const known = plan.turns.map(({ axis, place }) => `${place}${axis}`).join();
    if (known !== cycling.known) {
      cycling.known = known;
      cycling.on = turnsOf('cycle').length > 0 && !calm.matches;
    }
    const bar = byId('pager');
    const focused = bar.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    bar.hidden = plan.turns.length === 0;
    const cycle = turnsOf('cycle');
    bar.replaceChildren(...turnsOf('pages').map(page), ...(cycle.length > 0 ? [cycleControls(cycle)] : []));
    if (focused) bar.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    wait();
  }

  function button(sign, label, focus, run) {
    const made = el('button', { class: 'quiet', type: 'button', 'aria-label': label, title: label, 'data-focus': focus }, icon(sign));
    made.addEventListener('click', run);
    return made;
  }

  function page(turn) {
    const { label, key } = falExp.data.batch.axes[turn.axis];
    const select = el('select', { 'aria-label': `Page: ${label}`, 'data-focus': `page-${key}` },
      ...turn.values.map((value) => el('option', { value, selected: value === turn.current }, nameOf(turn, value))));
    select.addEventListener('change', () => show(turn, Number(select.value)));
    return el('div', { class: 'page-turn', role: 'group', 'aria-label': `Pages: ${label}` },
      el('span', { class: 'soft' }, label), button('left', `Previous ${label} ([)`, `back-${key}`, () => step(turn, -1)),
      select, button('right', `Next ${label} (])`, `on-${key}`, () => step(turn, 1)),
      el('span', { class: 'soft' }, `${turn.values.indexOf(turn.current) + 1} of ${turn.values.length}`));
  }

  function cycleControls(turns) {
    const speed = el('input', {
      type: 'range', min: FASTEST_S, max: SLOWEST_S, step: 0.5, value: cycling.everyS, 'aria-label': 'Seconds a value stands', 'data-focus': 'speed',
    });
    const told = el('span', { class: 'soft' }, `${cycling.everyS} s`);
    speed.addEventListener('input', () => {
      cycling.everyS = Number(speed.value);
      told.textContent = `${cycling.everyS} s`;
      wait();
    });
    return el('div', { class: 'cycle-turn', role: 'group', 'aria-label': 'Cycling' },
      button(cycling.on ? 'pause' : 'play', cycling.on ? 'Pause cycling' : 'Cycle', 'cycle', toggle),
      button('left', 'The value before', 'cycle-back', () => pauseAnd(-1)),
      el('strong', { class: 'cycle-value', dir: 'auto' }, turns.map((turn) => nameOf(turn, turn.current)).join(' · ')),
      button('right', 'The value after', 'cycle-on', () => pauseAnd(1)), speed, told);
  }

  function pauseAnd(by) {
    cycling.on = false;
    stepCycle(by);
    draw(falExp.grid.state.plan);
  }

  function toggle() {
    cycling.on = !cycling.on;
    draw(falExp.grid.state.plan);
  }

  /* The next value comes when this one has stood, unless someone is looking at a cell or elsewhere. */
  function wait() {
    clearTimeout(cycling.timer);
    if (!cycling.on || turnsOf('cycle').length === 0) return;
    cycling.timer = setTimeout(() => {
      if (document.hidden || document.querySelector('dialog[open]') || document.documentElement.dataset.keys) wait();
      else stepCycle(1);
    }, cycling.everyS * 1000);
  }

  function start() {
    const group = 'Pages';
    const when = () => turnsOf('pages').length > 0;
    falExp.keys.register({ key: ['[', ']'], label: 'Page before, page after', group, when, run: (_, event) => stepPage(event.key === '[' ? -1 : 1) });
    falExp.keys.register({ key: ['{', '}'], label: 'Cycling: value before, value after', group, when: () => turnsOf('cycle').length > 0, run: (_, event) => pauseAnd(event.key === '{' ? -1 : 1) });
  }

  falExp.pager = { draw, start, isCycling: () => cycling.on };
})((globalThis.falExp = globalThis.falExp || {}));
