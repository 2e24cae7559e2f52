/* How far the rating is, who rates, where it is kept; the filter by ratings; the download. */
(function (falExp) {
  'use strict';

  const { el, icon, byId } = falExp.dom;
  const model = falExp.ratingsModel;
  /** What a person may ask for. @type {Map<string, {label: string, test: (mine, all) => boolean}>} */
  const CHOICES = new Map([
    ['unrated', { label: 'not rated by me', test: (mine) => !mine }],
    ['rated', { label: 'rated by me', test: (mine) => Boolean(mine) }],
    ['keep', { label: 'kept', test: (_, all) => model.majority(all) === 'keep' }],
    ['reject', { label: 'rejected', test: (_, all) => model.majority(all) === 'reject' }],
    ['disputed', { label: 'raters disagree', test: (_, all) => new Set(all.map((each) => each.verdict).filter(Boolean)).size > 1 }],
    ['noted', { label: 'with notes', test: (_, all) => all.some((each) => each.notes.length > 0) }],
    ...[5, 4, 3].map((least) => [`${least}plus`, {
      label: least === 5 ? '5 stars' : `${least} stars or more`,
      test: (_, all) => meanStars(all) >= least,
    }]),
  ]);
  let bar = null;

  function meanStars(all) {
    const stars = all.map((each) => each.stars).filter(Boolean);
    return stars.length > 0 ? stars.reduce((sum, each) => sum + each, 0) / stars.length : 0;
  }

  function test({ ratings }) {
    const choice = CHOICES.get(ratings);
    return choice ? (cell) => choice.test(falExp.ratings.get(cell.key), falExp.ratings.of(cell.key)) : null;
  }

  function control() {
    const select = el('select', { 'data-focus': 'ratings' }, el('option', { value: '' }, 'any'),
      ...[...CHOICES].map(([value, { label }]) => el('option', { value }, label)));
    select.value = falExp.view.get().ratings;
    select.addEventListener('change', () => falExp.view.set({ ratings: select.value }));
    falExp.view.onChange((view) => { select.value = view.ratings; });
    return el('label', { class: 'rating-filter' }, 'Ratings', select);
  }

  falExp.hash.register('ratings', {
    empty: () => '',
    read: (parameters) => (CHOICES.has(parameters.get('ratings')) ? parameters.get('ratings') : ''),
    write: (value, parameters) => value && parameters.set('ratings', value),
  });
  falExp.filter.register({
    fields: ['ratings'], test, control,
    label: ({ ratings }) => CHOICES.get(ratings)?.label ?? null,
  });

  function download() {
    const url = URL.createObjectURL(new Blob([model.lines(falExp.ratings.all())], { type: 'application/x-ndjson' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'ratings.jsonl';
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  /** The panel: who rates, whether to go on by itself, the file. */
  function settings() {
    const name = el('input', { type: 'text', maxlength: 64, value: falExp.ratings.rater(), autocomplete: 'off', spellcheck: 'false', readonly: falExp.ratings.isFixed() });
    name.addEventListener('change', () => falExp.ratings.setRater(name.value));
    const advance = el('input', { type: 'checkbox', checked: falExp.ratingsKeys.advances() });
    advance.addEventListener('change', () => falExp.ratingsKeys.setAdvance(advance.checked));
    const save = el('button', { type: 'button', class: 'quiet text' }, icon('download'), 'Download ratings.jsonl');
    save.addEventListener('click', download);
    const { kind, text } = falExp.ratings.state();
    return { content: [el('div', { class: 'rating-settings' },
      el('label', {}, 'Your name in the files', name),
      el('label', { class: 'rating-advance' }, advance, 'Go on to the next clip that is not rated'),
      save,
      el('p', { class: `note state-${kind}` }, `${text}. `, kind !== 'stored' && el('code', {}, 'fal-exp ratings import ratings.jsonl'),
        kind !== 'stored' && ' joins the downloaded file to the batch.'),
      el('p', { class: 'note' }, 'Keys: 1 to 5 stars, Y keep, X reject, N note, T tags, U take back; ? lists all.'))] };
  }

  function draw() {
    const { rated, of } = falExp.ratings.progress();
    const { kind, text } = falExp.ratings.state();
    bar.hidden = of === 0; // nothing to rate; the ratings of others are shown on their tiles
    bar.querySelector('progress').max = Math.max(1, of);
    bar.querySelector('progress').value = rated;
    bar.querySelector('.rating-count').textContent = `${rated} of ${of} rated`;
    const state = bar.querySelector('.rating-state');
    state.className = `rating-state state-${kind}`;
    state.textContent = ['kept', 'stored'].includes(kind) ? falExp.ratings.said() || (kind === 'stored' ? text : '') : text;
  }

  function start() {
    if (!falExp.data.isWhole()) return;
    const button = el('button', { type: 'button', class: 'quiet text', id: 'rating-settings', title: 'Who rates, where it is kept, download' },
      el('progress', { value: 0, max: 1, 'aria-hidden': 'true' }), el('span', { class: 'rating-count' }));
    bar = el('div', { class: 'tools rating-bar' }, button, el('span', { class: 'rating-state', role: 'status' }));
    byId('toolbar').insertBefore(bar, byId('notice'));
    falExp.panel.attach(button, 'Rating', settings);
    falExp.ratings.start();
    falExp.ratingsPanel.start();
    falExp.ratingsKeys.start();
    falExp.ratings.onChange(draw);
    draw();
  }

  document.addEventListener('DOMContentLoaded', start);
})((globalThis.falExp = globalThis.falExp || {}));
