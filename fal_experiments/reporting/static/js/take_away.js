/* The Take away panel: the exact commands that make a film, a picture or a table of what is shown. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  const KINDS = { mp4: 'MP4', gif: 'GIF', webp: 'WebP' };
  const SYNCS = { absolute: 'on one clock', percent: 'with equal progress', phase: 'with equal phase of their loops' };
  const TABLES = { csv: 'CSV', parquet: 'Parquet' };

  const wish = { of: 'shown', kind: 'mp4', sync: 'absolute', table: 'csv' };
  /** Makes the panel's content anew after a choice in it. */
  let renew = () => {};

  const hasClip = (cell) => Boolean(cell.video_href);
  const selectedKeys = () => falExp.selection?.keys() ?? [];

  /** @returns {object[]} the cells that are meant: selected ones, else all that pass the filters */
  function chosenCells() {
    const { cells, indexOf } = falExp.data;
    if (isOfSelected()) return selectedKeys().map((key) => cells[indexOf.get(key)]).filter(Boolean);
    return cells.filter(falExp.filter.compile(falExp.view.get()));
  }

  const isOfSelected = () => wish.of === 'selected' && selectedKeys().length > 0;

  /** What the filters ask for beyond what a condition can say: words, and filters of other scripts. */
  function needsNames(view) {
    const said = new Set(['states', 'hidden', 'ranges']);
    const empty = falExp.hash.emptyView();
    return falExp.filter.fields().some((name) => !said.has(name) && !falExp.hash.same(view[name], empty[name]));
  }

  function wallOf(cells) {
    const withClip = cells.filter(hasClip);
    const all = falExp.data.cells.filter(hasClip);
    const windows = Object.fromEntries(withClip.filter((cell) => cell.period).map((cell) => [cell.key, cell.period]));
    return {
      batch: falExp.data.batch.batch, cells: withClip.map((cell) => cell.key), windows,
      all: !isOfSelected() && withClip.length === all.length, sync: wish.sync,
    };
  }

  /**
   * A command with its Copy, or why there is none.
   * @param {string} name  for screen readers
   */
  function command(name, text, problem = '') {
    if (problem) return el('p', { class: 'note' }, problem);
    const code = el('code', {}, text);
    return el('div', { class: 'command' }, el('pre', { tabindex: 0, 'aria-label': name }, code), falExp.lines.copyButton(text, () => code));
  }

  function choice(field, options, label, changed = () => renew()) {
    const select = el('select', { 'aria-label': label, 'data-focus': `take-${field}` },
      ...Object.entries(options).map(([value, word]) => el('option', { value, selected: wish[field] === value }, word)));
    select.addEventListener('change', () => {
      wish[field] = select.value;
      changed();
    });
    return select;
  }

  /**
   * Return the lines that offer a film: its kind, its command, and what it cannot have.
   * @param {Wall} wall  see wall_command.js
   * @param {...Node} choices  others to stand beside that of the kind
   * @returns {Node[]}
   */
  function wallLines(wall, ...choices) {
    const { problem, losses, text } = falExp.wallCommand;
    const box = el('div', { class: 'take-film' });
    const draw = () => {
      const wanted = { ...wall, kind: wish.kind };
      const why = problem(wanted);
      box.replaceChildren(
        command('Command that makes the film', why ? '' : text(wanted), why),
        ...(why ? [] : losses(wanted).map((lost) => el('p', { class: 'note' }, lost))));
    };
    draw();
    return [el('div', { class: 'take-choices' }, choice('kind', KINDS, 'Kind of film', draw), ...choices), box];
  }

  function film(cells) {
    const wall = wallOf(cells);
    const left = cells.length - wall.cells.length;
    return el('section', {},
      el('h3', {}, `One film of ${falExp.tile.countOf(wall.cells.length, 'clip')}`),
      ...wallLines(wall, choice('sync', SYNCS, 'How clips are laid on one time')),
      left > 0 && el('p', { class: 'note' }, `${falExp.tile.countOf(left, 'cell')} without a clip will not be on it.`));
  }

  function table(cells) {
    const view = falExp.view.get();
    const { batch, slug } = falExp.data.batch;
    const wanted = {
      batch, file: `${slug}-cells.${wish.table}`, view, named: isOfSelected() || needsNames(view),
      cells: cells.map((cell) => cell.key).filter((key) => !key.startsWith('left-out-')),
    };
    const why = falExp.exportCommand.problem(wanted);
    return el('section', {},
      el('h3', {}, `A table of ${falExp.tile.countOf(wanted.named ? wanted.cells.length : cells.length, 'cell')}`),
      el('div', { class: 'take-choices' }, choice('table', TABLES, 'Kind of table')),
      command('Command that writes the table', why ? '' : falExp.exportCommand.text(wanted), why));
  }

  function whole() {
    const text = falExp.shell.command(['fal-exp', 'matrix-sheet'], [falExp.data.batch.batch]);
    const print = el('button', { class: 'quiet text', type: 'button' }, 'Print contact sheets');
    print.addEventListener('click', () => {
      falExp.panel.close();
      falExp.printSheets.print();
    });
    return el('section', {},
      el('h3', {}, 'The whole batch as one picture'), command('Command that draws the matrix sheet', text),
      el('h3', {}, 'On paper'), el('p', { class: 'note' }, 'A contact sheet of each clip that is shown, light, with its numbers.'), print);
  }

  function sources() {
    const count = selectedKeys().length;
    if (count === 0) return null;
    return choice('of', { shown: 'What is shown', selected: `Selected: ${falExp.tile.countOf(count, 'cell')}` }, 'Of which cells');
  }

  function build() {
    const fill = () => {
      const cells = chosenCells();
      return [
        el('p', { class: 'note' }, 'Run these in the project’s folder; they cost nothing.'),
        sources(), film(cells), table(cells), whole(),
      ].filter(Boolean);
    };
    const box = el('div', { class: 'take-away' }, ...fill());
    renew = () => {
      const name = document.activeElement?.dataset.focus;
      box.replaceChildren(...fill());
      if (name) box.querySelector(`[data-focus="${name}"]`)?.focus({ preventScroll: true });
    };
    return { content: [box], update: renew };
  }

  function start() {
    falExp.panel.attach(byId('take-away'), 'Take away', build);
    falExp.keys.register({ key: 'w', label: 'Take away: film, table, print', group: 'Page', run: () => byId('take-away').click() });
  }

  falExp.takeAway = { start, wallLines, command };
})((globalThis.falExp = globalThis.falExp || {}));
