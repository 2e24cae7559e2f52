/* Buttons and keys of a blind test, and its beginning. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const { stage, blindPage: page } = falExp;
  const ZOOM_STEP = 1.25;
  /** Only these go on while a key is held; a vote never does. */
  const HELD = new Set([',', '.', '<', '>', '+', '=', '-']);

  const ACTIONS = {
    ' ': stage.toggle,
    r: stage.restart,
    ',': () => stage.step(-1),
    '.': () => stage.step(1),
    '<': () => stage.step(-10),
    '>': () => stage.step(10),
    m: stage.hearNext,
    '+': () => stage.zoomBy(ZOOM_STEP),
    '=': () => stage.zoomBy(ZOOM_STEP),
    '-': () => stage.zoomBy(1 / ZOOM_STEP),
    0: stage.resetZoom,
    ArrowLeft: () => page.isPair() && page.answerPair(0),
    ArrowRight: () => page.isPair() && page.answerPair(1),
    t: () => page.bothSame('tie'),
    b: () => page.bothSame('both bad'),
    s: page.skip,
    Enter: () => !page.isPair() && page.castChoice(),
  };

  function onKey(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.repeat && !HELD.has(event.key)) return;
    if (event.target.closest('input:not([type="range"]), textarea, dialog')) return;
    const onButton = event.target.closest('button, summary');
    if (onButton && (event.key === ' ' || event.key === 'Enter')) return;
    const action = event.key === '?' ? () => byId('keys').showModal()
      : event.key === 'z' && byId('welcome').hidden ? page.undo
        : page.isVoting() ? digit(event) || ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** 1 to 4 choose the best, with Shift the worst; the key counts, not what the layout writes. */
  function digit(event) {
    const found = /^(?:Digit|Numpad)([1-4])$/.exec(event.code);
    if (!found || Number(found[1]) > page.clips()) return null;
    const index = Number(found[1]) - 1;
    if (page.isPair()) return event.shiftKey ? null : () => page.answerPair(index);
    return () => page.choose(event.shiftKey ? 'worst' : 'best', index);
  }

  function onWelcome(event) {
    event.preventDefault();
    const name = byId('rater').value.trim();
    if (name) page.begin(name);
    else byId('rater').focus();
  }

  function bind() {
    const clicks = {
      tie: () => page.bothSame('tie'),
      bad: () => page.bothSame('both bad'),
      next: page.castChoice,
      skip: page.skip,
      undo: page.undo,
      download: page.download,
      'download-now': page.download,
      more: page.more,
      'undo-last': page.undo,
      help: () => byId('keys').showModal(),
      'keys-close': () => byId('keys').close(),
      'prompt-more': () => byId('prompt').classList.toggle('open'),
      'other-rater': () => location.reload(),
    };
    for (const [id, action] of Object.entries(clicks)) byId(id).addEventListener('click', action);
    byId('welcome-form').addEventListener('submit', onWelcome);
    document.addEventListener('keydown', onKey);
  }

  function start() {
    falExp.theme.start();
    stage.start();
    bind();
    byId('rater').value = falExp.blindStore.lastRater(page.test());
    page.show('welcome');
    byId('rater').focus({ preventScroll: true });
    document.documentElement.dataset.ready = '';
  }

  document.addEventListener('DOMContentLoaded', start);
})((globalThis.falExp = globalThis.falExp || {}));
