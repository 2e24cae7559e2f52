/* The keys of a comparison. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const ARROWS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

  const state = () => falExp.compare.state();
  const isPicture = (picture) => () => state()?.picture === picture;

  function changeSpeed(direction) {
    const { SPEEDS } = falExp.compareBar;
    const near = SPEEDS.reduce((best, speed, at) => (Math.abs(speed - state().speed) < Math.abs(SPEEDS[best] - state().speed) ? at : best), 0);
    falExp.compare.change({ speed: SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, near + direction))] });
  }

  function toPicture(direction) {
    const all = falExp.compareState.CHOICES.picture;
    const at = all.indexOf(state().picture) + direction;
    falExp.compare.change({ picture: all[(at + all.length) % all.length] });
  }

  /** Sound goes to the next pane that has some, and after the last to none. */
  function nextSound() {
    const options = [...byId('compare-sound').options].map((option) => option.value);
    const now = state().solo === null ? '' : String(state().solo);
    const next = options[(options.indexOf(now) + 1) % options.length];
    falExp.compare.change({ solo: next === '' ? null : Number(next) });
  }

  /* Before other scripts do: where two want a key on this page, its own meaning comes first. */
  function register() {
    const key = (keys, label, run, more = {}) => falExp.keys.register({ key: keys, label, group: 'Compare', scope: 'compare', run, ...more });
    const { comparePlay: play, compareBar: bar, compareZoom: zoom, compareTwo: two } = falExp;
    const step = (direction) => (_, event) => bar.step(direction, event);
    key('Space', 'Play or pause all', () => play.toggle());
    key([',', 'Shift+,', 'Alt+,'], 'One frame back; with Shift ten; with Alt each clip by a frame of its own', step(-1));
    key(['.', 'Shift+.', 'Alt+.'], 'One frame on', step(1));
    key(['Alt+Shift+,', 'Alt+Shift+.'], '', (_, event) => bar.step(event.code === 'Comma' ? -1 : 1, event));
    key(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], 'Move the line of a wipe; with Shift ten times as far',
      (_, event) => zoom.wipeBy(ARROWS[event.key]), { when: isPicture('wipe') });
    key(['Shift+ArrowLeft', 'Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowDown'], '',
      (_, event) => zoom.wipeBy(10 * ARROWS[event.key]), { when: isPicture('wipe') });
    key(['ArrowLeft', 'ArrowRight'], 'A second back, on', (_, event) => bar.goTo(play.timeS() + ARROWS[event.key]));
    key('Home', 'To the beginning', () => bar.goTo(0));
    key('[', 'Slower', () => changeSpeed(-1));
    key(']', 'Faster', () => changeSpeed(1));
    key('i', 'Repeat from here: A; again to take it back', () => bar.markPart('fromS'));
    key('o', 'Repeat up to here: B', () => bar.markPart('toS'));
    key('w', 'Repeat the whole', () => falExp.compare.change({ fromS: null, toS: null }));
    key('v', 'Next way to lay the pictures', () => toPicture(1));
    key('Shift+V', '', () => toPicture(-1));
    key('f', 'Swap: the other side; while held, only so long', () => two.press(), { when: isPicture('swap') });
    key('e', 'Exchange A and B', () => two.exchange(), { when: () => state()?.picture !== 'grid' });
    key('l', 'Turn the line of a wipe', () => two.turnLine(), { when: isPicture('wipe') });
    key(['+', '='], 'Zoom in', () => zoom.by(zoom.STEP));
    key(['-', '_'], 'Zoom out', () => zoom.by(1 / zoom.STEP));
    key('0', 'Whole pictures', () => zoom.reset());
    key('m', 'Sound of the next clip, then of none', nextSound);
    key('?', '', () => byId('help').click());
  }

  function start() {
    byId('compare-help').addEventListener('click', () => byId('help').click());
  }

  register();

  falExp.compareKeys = { start };
})((globalThis.falExp = globalThis.falExp || {}));
