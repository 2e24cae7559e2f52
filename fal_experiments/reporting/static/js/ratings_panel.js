/* The rating of one clip to click and type: stars, keep or reject, why, tags, notes at a time. */
(function (falExp) {
  'use strict';

  const { el, icon } = falExp.dom;
  const model = falExp.ratingsModel;
  const STARS = [1, 2, 3, 4, 5];

  function toggle(label, pressed, onClick, attributes = {}) {
    const button = el('button', { type: 'button', 'aria-pressed': String(pressed), 'data-focus': label, ...attributes }, label);
    button.addEventListener('click', onClick);
    return button;
  }

  /** Five buttons; the one that is on takes the stars away again. */
  function stars(key, rating) {
    return el('div', { class: 'stars', role: 'group', 'aria-label': 'Stars' }, ...STARS.map((count) => {
      const on = (rating?.stars ?? 0) >= count;
      return toggle(on ? '★' : '☆', rating?.stars === count,
        () => falExp.ratings.set(key, { stars: rating?.stars === count ? null : count }),
        { class: on ? 'star on' : 'star', 'aria-label': `${count} star${count === 1 ? '' : 's'}`, title: `${count} (key ${count})`, 'data-focus': `star${count}` });
    }));
  }

  function verdicts(key, rating) {
    const choose = (verdict) => () => falExp.ratings.set(key, { verdict: rating?.verdict === verdict ? null : verdict });
    return el('div', { class: 'verdicts', role: 'group', 'aria-label': 'Keep or reject' },
      toggle('Keep', rating?.verdict === 'keep', choose('keep'), { class: 'quiet text keep', title: 'Keep (Y)' }),
      toggle('Reject', rating?.verdict === 'reject', choose('reject'), { class: 'quiet text reject', title: 'Reject (X)' }));
  }

  /** Words to switch on and off, and a field for others. */
  function words(key, field, { label, common, chosen, placeholder }) {
    const all = [...new Set([...common, ...chosen])];
    const flip = (word) => () => falExp.ratings.set(key, {
      [field]: chosen.includes(word) ? chosen.filter((each) => each !== word) : [...chosen, word],
    });
    const input = el('input', { type: 'text', maxlength: 120, placeholder, 'aria-label': placeholder, 'data-focus': field, autocomplete: 'off' });
    return el('div', { class: 'words', role: 'group', 'aria-label': label },
      ...all.map((word) => toggle(word, chosen.includes(word), flip(word), { class: 'chip word', dir: 'auto' })),
      form(input, () => falExp.ratings.set(key, { [field]: [...chosen, ...input.value.split(',')] })));
  }

  /** A field whose Enter does something; it must not send a form, which the page forbids. */
  function form(input, onEnter) {
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !input.value.trim()) return;
      event.preventDefault();
      onEnter();
    });
    return input;
  }

  function notes(key, rating) {
    const said = rating?.notes ?? [];
    const input = el('input', { type: 'text', maxlength: 2000, 'data-focus': 'note', autocomplete: 'off', placeholder: 'Note at the time shown', 'aria-label': 'Note at the time shown' });
    return el('div', { class: 'notes' },
      el('ol', {}, ...said.map((note) => noteLine(key, said, note))),
      form(input, () => addNote(key, falExp.moment.of(key), input.value)));
  }

  function noteLine(key, said, note) {
    const go = el('button', { type: 'button', class: 'link time', title: 'Go there' }, model.timeOf(note.t_s));
    go.addEventListener('click', () => falExp.moment.go(key, note.t_s));
    const drop = el('button', { type: 'button', class: 'quiet', 'aria-label': `Remove the note at ${model.timeOf(note.t_s)}` }, icon('close'));
    drop.addEventListener('click', () => falExp.ratings.set(key, { notes: said.filter((each) => each !== note) }));
    return el('li', {}, go, el('span', { dir: 'auto' }, note.text), drop);
  }

  function addNote(key, timeS, text) {
    const said = falExp.ratings.get(key)?.notes ?? [];
    const note = { t_s: Math.round(timeS * 1000) / 1000, text: text.trim().slice(0, 2000) };
    if (note.text) falExp.ratings.set(key, { notes: [...said, note] });
  }

  function others(key) {
    const said = falExp.ratings.others(key);
    if (said.length === 0) return null;
    return el('div', { class: 'others' }, el('p', { class: 'note' }, model.summary(said)),
      el('ul', {}, ...said.map((rating) => el('li', { dir: 'auto' },
        el('strong', {}, rating.rater), ` ${model.long(rating)}`))));
  }

  function content(key) {
    const rating = falExp.ratings.get(key);
    return [
      el('div', { class: 'rate-line' }, stars(key, rating), verdicts(key, rating)),
      rating?.verdict === 'reject' && words(key, 'reasons', {
        label: 'Reasons', common: model.REASONS, chosen: rating.reasons, placeholder: 'Other reason',
      }),
      words(key, 'tags', { label: 'Tags', common: falExp.ratings.tags(), chosen: rating?.tags ?? [], placeholder: 'Add a tag' }),
      notes(key, rating),
      others(key),
    ].filter(Boolean);
  }

  /** @returns {HTMLElement} the rating of a cell; it follows what is said elsewhere while it is shown */
  function build(key) {
    const box = el('div', { class: 'rate', 'data-rates': key });
    box.append(...content(key));
    return box;
  }

  /** Draw what is shown anew; the focus stays on the same control. */
  function refresh(key) {
    if (key === falExp.ratings.SAID) return;
    for (const box of document.querySelectorAll('[data-rates]')) {
      if (key !== null && box.dataset.rates !== key) continue;
      const { activeElement } = document;
      const name = box.contains(activeElement) ? activeElement.dataset.focus : null;
      const typed = box.contains(activeElement) && key === null ? activeElement.value : null;
      box.replaceChildren(...content(box.dataset.rates));
      const again = name && [...box.querySelectorAll('[data-focus]')].find((each) => each.dataset.focus === name);
      if (!again) continue;
      again.focus({ preventScroll: true });
      if (typed) again.value = typed;
    }
  }

  function ofDrawer(cell) {
    if (!cell.video_href && !falExp.ratings.get(cell.key)) return null;
    return el('section', { class: 'part rating-part' }, el('h3', {}, 'Rating'), build(cell.key));
  }

  function start() {
    falExp.ratings.onChange(refresh);
  }

  falExp.detail.registerPart(ofDrawer, { place: 'top' });
  falExp.ratingsPanel = { build, addNote, start };
})((globalThis.falExp = globalThis.falExp || {}));
