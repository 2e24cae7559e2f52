/* The View panel: views under a name, their link, and what is shown as a table or a picture. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const nameOfStore = () => `views.${falExp.data.batch.batch}`;
  /** Whether this browser lets pictures be read back; asked when the panel opens first. */
  let pictures = null;

  /** @returns {{name: string, hash: string}[]} the kept views of this batch */
  function read() {
    try {
      const views = JSON.parse(falExp.memory.read(nameOfStore()) || '[]');
      return Array.isArray(views) ? views.filter(({ name, hash }) => typeof name === 'string' && typeof hash === 'string') : [];
    } catch {
      return [];
    }
  }

  /** Keep views. @returns {boolean} whether this browser keeps them */
  function write(views) {
    try {
      falExp.memory.write(nameOfStore(), JSON.stringify(views));
    } catch {
      return false;
    }
    return read().length === views.length;
  }

  /** The view without the cell that happens to be open. */
  const hashNow = () => falExp.hash.write({ ...falExp.view.get(), cell: null });
  const linkNow = () => location.href.replace(/#.*$/s, '') + hashNow();

  function savedViews(renew, told) {
    const views = read();
    const name = el('input', { type: 'text', placeholder: 'Name of this view', 'aria-label': 'Name of this view', maxlength: 80, 'data-focus': 'name' });
    const save = el('button', { class: 'quiet text', type: 'submit' }, 'Save');
    const form = el('form', { class: 'save-view' }, name, save);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const wanted = name.value.trim();
      if (!wanted) {
        name.focus();
        return;
      }
      const kept = write([...views.filter((view) => view.name !== wanted), { name: wanted, hash: hashNow() }]);
      renew(kept ? `“${wanted}” is kept in this browser.` : 'This browser keeps nothing for this page: copy the link instead.');
    });
    return [
      el('h3', {}, 'Saved views'),
      views.length === 0 && el('p', { class: 'note' }, 'A view is what is shown, how it is arranged and filtered.'),
      ...views.map((view) => savedView(view, views, renew)), form, told && el('p', { class: 'note', role: 'status' }, told),
    ];
  }

  function savedView({ name, hash }, views, renew) {
    const open = el('button', { class: 'menu-show', type: 'button', 'aria-current': hash === hashNow() ? 'true' : null }, el('span', { dir: 'auto' }, name));
    open.addEventListener('click', () => { location.hash = hash || '#'; });
    const drop = el('button', { class: 'quiet', type: 'button', title: 'Delete', 'aria-label': `Delete the view ${name}` }, icon('trash'));
    drop.addEventListener('click', () => {
      write(views.filter((view) => view.name !== name));
      renew(`“${name}” is deleted.`);
    });
    return el('div', { class: 'menu-row' }, open, drop);
  }

  function linkPart() {
    const field = el('input', { type: 'text', readonly: true, value: linkNow(), 'aria-label': 'Link to this view' });
    const copy = el('button', { class: 'quiet text', type: 'button', 'data-focus': 'copy' }, 'Copy link');
    const told = el('span', { class: 'soft', role: 'status' });
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        told.textContent = 'Copied';
      } catch {
        field.focus();
        field.select();
        told.textContent = 'Selected: copy it with Ctrl+C';
      }
    });
    return [el('h3', {}, 'Link'), el('div', { class: 'save-view' }, field, copy), told];
  }

  function filePart(renew) {
    const shown = falExp.layout.order(falExp.grid.state.plan);
    const counted = falExp.tile.countOf(shown.length, 'cell');
    const table = el('button', { class: 'quiet text', type: 'button', disabled: shown.length === 0 }, 'Save CSV');
    table.addEventListener('click', () => download(
      new Blob(['\ufeff', falExp.csv.write(falExp.csv.table(shown.map((index) => falExp.data.cells[index])))], { type: 'text/csv' }), 'csv'));
    return [el('h3', {}, `What is shown: ${counted}`), el('div', { class: 'save-view' }, table, pictures && pictureButton(shown, renew)),
      ...(pictures === false ? noPicture() : [])];
  }

  function pictureButton(shown, renew) {
    const button = el('button', { class: 'quiet text', type: 'button', disabled: shown.length === 0 }, 'Save PNG');
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        download(await falExp.picture.draw(falExp.grid.state.plan.sections), 'png');
      } catch (error) {
        renew(`No picture: ${error.message}.`);
      }
      button.disabled = false;
    });
    return button;
  }

  /* Honest where the browser forbids it: there is a command that can. */
  function noPicture() {
    const { batch, slug } = falExp.data.batch;
    const command = (words) => falExp.takeAway.command('Command for a picture', falExp.shell.command(words, [batch]));
    return [
      el('p', { class: 'note' }, 'A page that is opened as a file may not read its own pictures back, so it cannot save them as one. These commands can, and `fal-exp review` serves this page so that it can too:'),
      command(['fal-exp', 'matrix-sheet']), command(['fal-exp', 'report', '--screenshot', `${slug}.png`]),
    ];
  }

  function download(blob, ending) {
    const href = URL.createObjectURL(blob);
    const link = document.createElement('a');
    Object.assign(link, { href, download: `${falExp.data.batch.slug}-view.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  function build() {
    const box = el('div', { class: 'views' });
    const fill = (told = '') => box.replaceChildren(
      ...[...savedViews(fill, told), ...linkPart(), ...filePart(fill)].filter(Boolean));
    fill();
    if (pictures === null) {
      falExp.picture.isAllowed().then((allowed) => {
        pictures = allowed;
        if (box.isConnected) fill();
      });
    }
    return { content: [box], update: fill };
  }

  function start() {
    falExp.panel.attach(byId('views'), 'View', build);
  }

  falExp.views = { start };
})((globalThis.falExp = globalThis.falExp || {}));
