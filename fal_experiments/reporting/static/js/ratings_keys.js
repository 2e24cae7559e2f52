/* Rating by keys, on the tile, in the details and in compare; badges on tiles; on to the next clip. */
(function (falExp) {
  'use strict';

  const { el } = falExp.dom;
  const model = falExp.ratingsModel;
  const SCOPE = ['page', 'drawer', 'compare'];
  let advances = falExp.memory.read('rating-advance') === 'on';

  function setAdvance(on) {
    advances = on;
    falExp.memory.write('rating-advance', on ? 'on' : 'off');
  }

  /** @returns {string|null} the cell that a key means; only clips are rated */
  function meant(index) {
    const key = index === null ? falExp.compare?.activeKey?.() ?? null : falExp.data.cells[index].key;
    const cell = falExp.data.cells[falExp.data.indexOf.get(key)];
    return cell && (cell.video_href || falExp.ratings.get(key)) ? key : null;
  }

  /** Register a key that does something to the clip that is meant. */
  function onClip(key, label, run) {
    falExp.keys.register({
      key, label, group: 'Rating', scope: SCOPE,
      run: (index) => {
        const meantKey = meant(index);
        if (meantKey !== null) run(meantKey);
        else falExp.notice.set('Move to a clip first: keys rate the one that has the focus or the pointer.');
      },
    });
  }

  function rate(key, patch) {
    falExp.ratings.set(key, patch);
    falExp.notice.set(`${nameOf(key)}: ${model.long(falExp.ratings.get(key))}. U takes it back.`);
    if (advances) advance(key);
  }

  function nameOf(key) {
    const cell = falExp.data.cells[falExp.data.indexOf.get(key)];
    return `${falExp.data.nameOf(cell)}, ${cell.run_label}`;
  }

  /** Go on to the next shown clip that is not rated yet. */
  function advance(key) {
    if (document.documentElement.dataset.keys === 'compare') return;
    const order = falExp.layout.order(falExp.grid.state.plan);
    const from = order.indexOf(falExp.data.indexOf.get(key));
    const next = [...order.slice(from + 1), ...order.slice(0, from)].find((index) => {
      const cell = falExp.data.cells[index];
      return cell.video_href && !falExp.ratings.get(cell.key);
    });
    if (next === undefined) falExp.notice.set('Every shown clip is rated.');
    else if (falExp.view.get().cell !== null) falExp.view.set({ cell: falExp.data.cells[next].key });
    else falExp.grid.activate(next, { focus: true });
  }

  /** The focus goes back to where it was before a dialog of ours. */
  function asking(ask) {
    return (key) => {
      const { activeElement } = document;
      ask(key, () => activeElement?.isConnected && activeElement.focus({ preventScroll: true }));
    };
  }

  function undo() {
    const key = falExp.ratings.undo();
    falExp.notice.set(key === null ? 'There is nothing to take back.'
      : `Taken back: ${nameOf(key)} is ${model.long(falExp.ratings.get(key))}.`);
  }

  /** One small mark on the tile; the whole rating, and that of others, in its title. */
  function badge(cell) {
    const mine = falExp.ratings.get(cell.key);
    const theirs = falExp.ratings.others(cell.key);
    if (!mine && theirs.length === 0) return null;
    const verdict = model.majority(mine ? [mine, ...theirs] : theirs);
    const tone = { keep: 'good', reject: 'bad' }[verdict] ?? 'idle';
    const notes = mine?.notes.length ? ` ✎${mine.notes.length}` : '';
    const others = theirs.length > 0 ? `${mine ? ' · ' : ''}${model.summary(theirs)}` : '';
    const title = [mine && `You: ${model.long(mine)}`, ...theirs.map((each) => `${each.rater}: ${model.long(each)}`)];
    return el('span', { class: `badge rated tone-${tone}`, title: title.filter(Boolean).join('\n') },
      `${model.short(mine)}${mine && model.short(mine) !== 'note' ? notes : ''}${others}`);
  }

  function start() {
    for (const stars of [1, 2, 3, 4, 5]) {
      onClip(String(stars), stars === 1 ? '1 to 5 stars' : '', (key) => rate(key, { stars }));
    }
    onClip('0', 'Take the rating away', (key) => falExp.ratings.set(key, model.contentOf({})));
    onClip('y', 'Keep', (key) => rate(key, { verdict: 'keep' }));
    onClip('x', 'Reject', (key) => rate(key, { verdict: 'reject' }));
    onClip('Shift+X', 'Reject, and say why', asking((key, done) => {
      falExp.ratings.set(key, { verdict: 'reject' });
      falExp.ratingsAsk.reasons(key, done);
    }));
    onClip('n', 'Note at the time shown', asking(falExp.ratingsAsk.note));
    onClip('t', 'Tags', asking(falExp.ratingsAsk.tags));
    falExp.keys.register({ key: 'u', label: 'Take the last rating back', group: 'Rating', scope: SCOPE, run: undo });
    falExp.ratings.onChange((key) => {
      if (key !== null) falExp.tile.refresh(key);
      else falExp.data.cells.forEach((cell) => falExp.tile.refresh(cell.key));
    });
  }

  falExp.tile.decorate(badge);
  falExp.ratingsKeys = { start, setAdvance, advances: () => advances };
})((globalThis.falExp = globalThis.falExp || {}));
