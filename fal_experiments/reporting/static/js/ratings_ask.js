/* Small dialogs that a key opens: a note at the time shown, tags, why a clip is rejected. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const model = falExp.ratingsModel;
  let dialog = null;

  /** @param {Node[]} content */
  function open(title, content, onClose) {
    dialog = el('dialog', { class: 'ask', 'aria-label': title }, el('h2', {}, title), ...content);
    dialog.addEventListener('close', () => {
      dialog.remove();
      onClose?.();
    }, { once: true });
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    (document.querySelector('dialog[open]') ?? document.body).append(dialog);
    dialog.showModal();
    dialog.querySelector('input')?.focus();
  }

  function field(label, value, list) {
    return el('input', { type: 'text', 'aria-label': label, placeholder: label, value, list, maxlength: 2000, autocomplete: 'off' });
  }

  function onEnter(input, take) {
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      take(input.value);
      dialog.close();
    });
    return input;
  }

  /** Ask for a note at the time at which the clip stands now. */
  function note(key, onClose) {
    const timeS = falExp.moment.of(key);
    const input = field('What do you see?', '');
    open(`Note at ${model.timeOf(timeS)}`, [
      onEnter(input, (text) => falExp.ratingsPanel.addNote(key, timeS, text)),
      el('p', { class: 'note' }, 'Enter keeps it, Esc does not.'),
    ], onClose);
  }

  /** Ask for the tags of a clip, separated by commas. */
  function tags(key, onClose) {
    const chosen = falExp.ratings.get(key)?.tags ?? [];
    const known = falExp.ratings.tags();
    const input = field('Tags, separated by commas', chosen.join(', '), 'known-tags');
    open('Tags', [
      onEnter(input, (text) => falExp.ratings.set(key, { tags: text.split(',') })),
      el('datalist', { id: 'known-tags' }, ...known.map((tag) => el('option', { value: tag }))),
      el('p', { class: 'note' }, known.length > 0 ? `Used before: ${known.join(', ')}` : 'Enter keeps them, Esc does not.'),
    ], onClose);
  }

  /** Ask why a clip is rejected: a digit switches a reason on or off. */
  function reasons(key, onClose) {
    const list = el('div', { class: 'words' });
    const draw = () => {
      const at = [...list.children].indexOf(document.activeElement);
      const chosen = falExp.ratings.get(key)?.reasons ?? [];
      list.replaceChildren(...[...new Set([...model.REASONS, ...chosen])].map((reason, index) => {
        const label = index < 9 ? [el('kbd', {}, String(index + 1)), ` ${reason}`] : [reason];
        const button = el('button', { type: 'button', class: 'chip word', 'aria-pressed': String(chosen.includes(reason)) }, ...label);
        button.addEventListener('click', () => flip(reason));
        return button;
      }));
      if (at >= 0) list.children[at]?.focus();
    };
    const flip = (reason) => {
      const chosen = falExp.ratings.get(key)?.reasons ?? [];
      const next = chosen.includes(reason) ? chosen.filter((each) => each !== reason) : [...chosen, reason];
      falExp.ratings.set(key, { verdict: 'reject', reasons: next });
      draw();
    };
    const input = onEnter(field('Another reason', ''), (text) => text.trim() && flip(text.trim()));
    draw();
    open('Why is it rejected?', [list, input, el('p', { class: 'note' }, 'A digit switches a reason, Enter or Esc closes.')], onClose);
    const own = dialog;
    own.tabIndex = -1;
    own.focus();
    own.addEventListener('keydown', (event) => {
      if (event.target === input || event.ctrlKey || event.metaKey || event.altKey) return;
      const reason = model.REASONS[Number(event.key) - 1];
      const isOnChip = event.target.closest('button') !== null;
      if (reason) flip(reason);
      else if (event.key === 'Enter' && !isOnChip) own.close();
      else {
        if (/^\p{L}$/u.test(event.key)) input.focus(); // the letter goes where reasons are written
        return;
      }
      event.preventDefault();
    });
  }

  falExp.ratingsAsk = { note, tags, reasons };
})((globalThis.falExp = globalThis.falExp || {}));
