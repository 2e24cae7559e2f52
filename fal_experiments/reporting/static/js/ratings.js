/* What people say of the clips: read with the page, kept in this browser, sent where a server is. */
(function (falExp) {
  'use strict';

  const model = falExp.ratingsModel;
  const PREFIX = 'rating.';
  /** Told to listeners in the place of a cell when only words have changed. */
  const SAID = Symbol('said');
  /** By rater, then by cell. @type {Map<string, Map<string, Rating>>} */
  const held = new Map();
  const listeners = [];
  const done = [];
  let rater = falExp.memory.read('rater') || 'me';
  let connection = null;
  let said = '';
  let state = { kind: 'kept', text: 'Kept in this browser' };

  falExp.loadRatings = (ratings) => ratings.forEach((rating) => hold(rating));

  /** Take a rating in unless a later one is there. */
  function hold(rating) {
    if (!held.has(rating.rater)) held.set(rating.rater, new Map());
    const mine = held.get(rating.rater);
    if (!model.isLater(rating, mine.get(rating.cell))) return false;
    mine.set(rating.cell, rating);
    return true;
  }

  const placeOf = (rating) => `${PREFIX}${JSON.stringify([falExp.data.batch.batch, rating.rater, rating.cell])}`;

  /** @returns {Rating[]} what this browser keeps of the batch, whoever said it */
  function kept() {
    const found = [];
    for (const name of falExp.memory.names(PREFIX)) {
      const rating = model.parsed(falExp.memory.read(name));
      if (rating && falExp.data.indexOf.has(rating.cell) && placeOf(rating) === name) found.push(rating);
    }
    return found;
  }

  function keep(rating) {
    try {
      falExp.memory.write(placeOf(rating), JSON.stringify(rating));
      return true;
    } catch {
      return false;
    }
  }

  /** @returns {Rating|null} what the person at this page says of a cell */
  function get(key) {
    const rating = held.get(rater)?.get(key);
    return model.saysNothing(rating) ? null : rating;
  }

  /** @returns {Rating[]} what others say of a cell */
  function others(key) {
    return [...held].filter(([name]) => name !== rater).map(([, ratings]) => ratings.get(key))
      .filter((rating) => !model.saysNothing(rating));
  }

  /** @returns {Rating[]} everything that is known of a cell */
  const of = (key) => [get(key), ...others(key)].filter(Boolean);

  /** @returns {Rating[]} the ratings of the person at this page */
  function all() {
    return [...(held.get(rater)?.values() ?? [])].filter((rating) => !model.saysNothing(rating));
  }

  /** Change what the person says of a cell; the rest of the rating stays. */
  function set(key, patch) {
    done.push({ key, content: model.contentOf(held.get(rater)?.get(key) ?? {}) });
    write(key, patch);
  }

  function write(key, patch) {
    const before = held.get(rater)?.get(key) ?? null;
    const rating = model.patched(before, patch, { rater, cell: key, nowMs: Date.now() });
    hold(rating);
    const isKept = keep(rating);
    if (connection) connection.send(rating);
    else if (isKept) tell('kept', 'Kept in this browser');
    else tell('lost', 'This browser keeps nothing: download your ratings before you close the page');
    changed(key);
  }

  /** Take the last change back. @returns {string|null} the cell that it was about */
  function undo() {
    const last = done.pop();
    if (!last) return null;
    write(last.key, last.content);
    return last.key;
  }

  /** @param {(key: string|null) => void} listener  key: the cell that changed; null: all, or the state */
  function onChange(listener) {
    listeners.push(listener);
  }

  function changed(key) {
    listeners.forEach((listener) => listener(key));
  }

  /** What was done last, in words. */
  function say(text) {
    said = text;
    if (falExp.compare.isOpen()) falExp.compare.say(text);
    listeners.forEach((listener) => listener(SAID));
  }

  function tell(kind, text) {
    state = { kind, text };
    changed(null);
  }

  function setRater(name) {
    const plain = name.replace(/\s+/g, ' ').trim().slice(0, 64);
    if (!plain || plain === rater) return;
    rater = plain;
    done.length = 0;
    falExp.memory.write('rater', rater);
    changed(null);
  }

  /**
   * A server takes the ratings from here on; what this browser kept is sent to it.
   * @param {{rater: string, send: (rating: Rating) => void}} server  rater: empty if anybody may rate
   */
  function connect(server) {
    connection = server;
    if (server.rater) rater = server.rater;
    const unsent = kept();
    unsent.forEach((rating) => (hold(rating), server.send(rating)));
    if (unsent.length === 0) tell('stored', 'Each is saved in ratings.jsonl at once');
    else changed(null);
  }

  /** The server has it, or a later one, which it answers with: the browser need not keep it. */
  function stored(sent, holds) {
    if (model.parsed(falExp.memory.read(placeOf(sent)))?.at === sent.at) falExp.memory.remove(placeOf(sent));
    if (hold(holds)) changed(holds.cell);
  }

  /** @returns {{rated: number, of: number}} of the cells that have a clip */
  function progress() {
    const clips = falExp.data.cells.filter((cell) => cell.video_href);
    return { rated: clips.filter((cell) => get(cell.key)).length, of: clips.length };
  }

  /** @returns {string[]} the tags that anybody has used, the most frequent first */
  function tags() {
    const count = new Map();
    for (const mine of held.values()) {
      for (const rating of mine.values()) rating.tags.forEach((tag) => count.set(tag, (count.get(tag) ?? 0) + 1));
    }
    return [...count].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([tag]) => tag).slice(0, 24);
  }

  /* Another tab of this browser says something. */
  addEventListener('storage', (event) => {
    const rating = event.newValue && event.key?.includes(PREFIX) ? model.parsed(event.newValue) : null;
    if (rating && placeOf(rating) === event.key.replace(/^fal-exp\./, '') && hold(rating)) changed(rating.cell);
  });

  function start() {
    kept().forEach(hold);
  }

  falExp.ratings = {
    get, set, undo, all, of, others, onChange, setRater, connect, stored, tell, progress, tags, start,
    say, said: () => said, SAID, rater: () => rater, isFixed: () => Boolean(connection?.rater), state: () => state,
  };
})((globalThis.falExp = globalThis.falExp || {}));
