/* On paper every row stands, up to a limit that is said. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  const MAX_CELLS = 300;

  /** Draw every row and column before printing. */
  function unroll() {
    const { plan } = falExp.grid.state;
    if (!plan) return;
    falExp.grid.state.onPaper = true;
    let left = MAX_CELLS;
    for (const section of falExp.grid.sections()) {
      const fitting = Math.floor(left / Math.max(1, section.section.columns.length));
      left -= section.unroll(fitting) * section.section.columns.length;
    }
    const missing = plan.shown > MAX_CELLS;
    byId('paper')?.remove();
    if (missing) {
      byId('grid').after(el('p', { id: 'paper', class: 'paper-note' },
        `Printed: the first rows, up to ${MAX_CELLS} of the ${plan.shown} cells that are shown. Filter for fewer.`));
    }
  }

  /** Go back to what is near the window. */
  function roll() {
    byId('paper')?.remove();
    falExp.grid.state.onPaper = false;
    falExp.grid.sections().forEach((section) => section.roll());
    falExp.grid.update();
  }

  function start() {
    addEventListener('beforeprint', unroll);
    addEventListener('afterprint', roll);
  }

  falExp.paper = { start, MAX_CELLS };
})((globalThis.falExp = globalThis.falExp || {}));
