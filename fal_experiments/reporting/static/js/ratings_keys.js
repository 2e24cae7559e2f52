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
    const key = index === null ? falExp.compare.activeKey() : falExp.data.cells[index].key;
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
        else falExp.ratings.say('Move to a clip first: keys rate the one that has the focus or the pointer.');
      },
    });
  }

  function rate(key, patch) {
    falExp.ratings.set(key, patch);
    falExp.ratings.say(`${nameOf(key)}: ${model.long(falExp.ratings.get(key))}. U takes it back.`);
    if (advances) advance(key);
  }

  function nameOf(key) {
    const cell = falExp.data.cells[falExp.data.indexOf.get(key)];
    return `${falExp.data.nameOf(cell)}, ${cell.run_label}`;
  }

  /** Go on to the next shown clip that is not rated yet. */
  function advance(key) {
    if (falExp.compare.isOpen()) return;
    const order = falExp.layout.order(falExp.grid.state.plan);
    const from = order.indexOf(falExp.data.indexOf.get(key));
    const next = [...order.slice(from + 1), ...order.slice(0, from)].find((index) => {
      const cell = falExp.data.cells[index];
      return cell.video_href && !falExp.ratings.get(cell.key);
    });
    if (next === undefined) falExp.ratings.say('Every shown clip is rated.');
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
    falExp.ratings.say(key === null ? 'There is nothing to take back.'
      : `Taken back: ${nameOf(key)} is ${model.long(falExp.ratings.get(key))}.`);
  }

  /** @returns {{text: string, tone: string, title: string}} a cell's rating, small */
  function mark(key) {
    const mine = falExp.ratings.get(key);
    const theirs = falExp.ratings.others(key);
    const verdict = mine?.verdict ?? model.majority(theirs);
    const notes = mine?.notes.length && model.short(mine) !== 'note' ? ` ✎${mine.notes.length}` : '';
    const others = theirs.length > 0 ? `${mine ? ' ' : ''}+${theirs.length}` : '';
    const title = [mine && `You: ${model.long(mine)}`, ...theirs.map((each) => `${each.rater}: ${model.long(each)}`)];
    return {
      text: `${model.short(mine)}${notes}${others}${mine ? '' : ` ${verdict ?? ''}`.trimEnd()}`,
      tone: { keep: 'good', reject: 'bad' }[verdict] ?? 'idle',
      title: title.filter(Boolean).join('\n'),
    };
  }

  /** One small mark on the tile; the whole rating, and that of others, in its title. */
  function badge(cell) {
    const { text, tone, title } = mark(cell.key);
    return text ? el('span', { class: `badge rated tone-${tone}`, title }, text) : null;
  }

  /** In compare the mark is a button that opens the whole rating. */
  function paneButton(cell) {
    if (!cell.video_href) return null;
    const button = el('button', { type: 'button', class: 'quiet pane-rate', 'data-rated': cell.key });
    falExp.panel.attach(button, `Rating: ${nameOf(cell.key)}`, () => ({
      content: [falExp.ratingsPanel.build(cell.key)], update: () => {},
    }));
    drawButton(button);
    return button;
  }

  function drawButton(button) {
    const { text, tone, title } = mark(button.dataset.rated);
    button.className = `quiet pane-rate tone-${tone}`;
    button.textContent = text || '☆ Rate';
    button.title = title || 'Rate (keys 1 to 5, Y, X)';
  }

  function start() {
    falExp.compare.decoratePane(paneButton);
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
      falExp.compare?.refreshPane(key);
      if (key === falExp.ratings.SAID) return;
      document.querySelectorAll('[data-rated]').forEach(drawButton);
      if (key !== null) falExp.tile.refresh(key);
      else falExp.data.cells.forEach((cell) => falExp.tile.refresh(cell.key));
    });
  }

  falExp.tile.decorate(badge);
  falExp.ratingsKeys = { start, setAdvance, advances: () => advances };
})((globalThis.falExp = globalThis.falExp || {}));
