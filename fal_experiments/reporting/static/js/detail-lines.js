/* What the parts of the drawer are built from: headings, lists of facts, tables, badges, copying. */
(function (falExp) {
  'use strict';

  const { el, icon } = falExp.dom;

  /** @param {string} title */
  function part(title, ...content) {
    return el('section', { class: 'part' }, el('h3', {}, title), ...content);
  }

  /** A part whose heading has something at its other end. */
  function partWith(title, tool, ...content) {
    const made = part(title, ...content);
    made.querySelector('h3').append(tool);
    return made;
  }

  /** @param {string|null|undefined} tone */
  function toned(tone) {
    return tone ? `tone-${tone}` : null;
  }

  /**
   * @param {{label: string, value: string, note?: string, tone?: string}[]} lines
   * @param {(line: object) => Node|null} [tool]  something to do with a line, such as copying it
   */
  function facts(lines, tool = () => null) {
    return el('dl', { class: 'facts' }, ...lines.map((line) => el('div', {},
      el('dt', { dir: 'auto' }, line.label),
      el('dd', {}, el('span', { class: toned(line.tone), dir: 'auto' }, line.value), tool(line),
        line.note && el('small', { dir: 'auto' }, line.note)))));
  }

  /** A part with facts; with `none` it is there, and says so, where there are no facts. */
  function listed(title, lines, none) {
    if (lines?.length > 0) return part(title, facts(lines));
    return none ? part(title, el('p', { class: 'note' }, none)) : null;
  }

  function badge(text, tone) {
    return text ? el('span', { class: `badge ${toned(tone) || ''}` }, text) : null;
  }

  /**
   * @param {string[]} head
   * @param {(Node|string|null|undefined)[][]} rows  the first of each is its heading
   */
  function table(head, rows, name) {
    const cell = (content) => el('td', { dir: 'auto' }, content || '');
    return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': name },
      el('table', { class: `lines ${name.toLowerCase().replaceAll(' ', '-')}` },
        el('thead', {}, el('tr', {}, ...head.map((each) => el('th', { scope: 'col' }, each)))),
        el('tbody', {}, ...rows.map(([first, ...rest]) => el('tr', {},
          el('th', { scope: 'row', dir: 'auto' }, first), ...rest.map(cell))))));
  }

  /** What a measurement means; one that the report says nothing of stands under its own name. */
  function meaningOf(key) {
    return falExp.data.meanings.get(key)
      || { key, title: key, unit: '', better: 'neither', places: 2, says: '', limits: '' };
  }

  /* Some browsers keep the clipboard from pages that are files: then the text is selected. */
  async function copyText(text, source) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      getSelection().selectAllChildren(source);
      return false;
    }
  }

  /**
   * @param {string} text
   * @param {() => Node} source  what is selected where a browser refuses
   * @param {string} [name]      what is copied, for a button that is an icon alone
   */
  function copyButton(text, source, name) {
    const word = el('span', { class: name && 'word', 'aria-live': 'polite' }, name ? '' : 'Copy');
    const button = el('button', {
      type: 'button', class: 'quiet copy', title: name && `Copy ${name}`, 'aria-label': name && `Copy ${name}`,
    }, icon('copy'), word);
    button.addEventListener('click', async () => {
      word.textContent = (await copyText(text, source())) ? 'Copied' : 'Press Ctrl+C';
    });
    return button;
  }

  falExp.lines = { part, partWith, facts, listed, badge, table, copyButton, toned, meaningOf };
})((globalThis.falExp = globalThis.falExp || {}));
