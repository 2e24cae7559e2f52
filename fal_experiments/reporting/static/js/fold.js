/* Several cells in one place: one is on top, the others are a click or a key away. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  /** Cells that a person has turned to: they are on top again when the page is arranged anew. */
  const chosen = new Set();

  /** Bring the chosen cells of a plan to the top of their places. */
  function settle(plan) {
    if (chosen.size === 0) return;
    for (const section of plan.sections) {
      for (const row of falExp.layout.rowsOf(section)) {
        for (const [column, stack] of row.stacks) {
          const top = stack.find((index) => chosen.has(index));
          if (top !== undefined) row.cells[column] = top;
        }
      }
    }
  }

  /** Return the words of a place: `2 of 3 · 2 done, 1 failed`. */
  function bar(index, stack) {
    const position = stack.indexOf(index) + 1;
    const turn = (step, label, sign) => {
      const button = el('button', { class: 'turn', type: 'button', tabindex: -1, 'aria-label': label, 'data-turn': step }, sign);
      return button;
    };
    return el('div', { class: 'fold' }, turn(-1, 'The one before', '‹'),
      el('span', {}, `${position}/${stack.length}`), turn(1, 'The next one', '›'),
      el('span', { class: 'fold-states' }, countsOf(stack)));
  }

  function countsOf(stack) {
    const counts = new Map();
    for (const index of stack) {
      const { state_label: label } = falExp.data.cells[index];
      counts.set(label, (counts.get(label) || 0) + 1);
    }
    return [...counts].map(([label, count]) => `${count} ${label}`).join(', ');
  }

  /**
   * Return the cell `step` further in a place, around its ends.
   * @param {number[]} stack
   */
  function next(stack, index, step) {
    const place = stack.indexOf(index) + step;
    return stack[(place + stack.length) % stack.length];
  }

  /** Turn the place of a cell to another of its cells, or leave it where there is no other. */
  function turn(index, step) {
    const stack = falExp.grid.stackOf(index);
    if (!stack) return;
    const top = next(stack, index, step);
    show(top, stack);
    falExp.grid.activate(top, { focus: true });
  }

  /** Bring a cell to the top of its place. */
  function show(index, stack) {
    stack.forEach((each) => chosen.delete(each));
    chosen.add(index);
    falExp.grid.putOnTop(index);
  }

  falExp.fold = { settle, bar, countsOf, next, turn, show };
})((globalThis.falExp = globalThis.falExp || {}));
