/* Zoom, pan and the wiping line, by wheel, pinch, drag and double click: what one picture does, all do. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const { zoomed, panned } = falExp.compareFit;
  const STEP = 1.25;
  const WIPE_STEP = 0.01;
  /** @type {Map<number, {x: number, y: number}>} fingers and buttons that are down on a picture */
  const pointers = new Map();
  let box = null;
  let wiping = false;

  const viewOf = ({ zoom, x, y }) => ({ zoom, x, y });

  function change(view) {
    falExp.compare.change(view);
  }

  /** Zoom about the middle, as keys and buttons do. */
  function by(factor) {
    change(zoomed(viewOf(falExp.compare.state()), factor, { x: 0.5, y: 0.5 }));
  }

  const reset = () => change({ zoom: 1, x: 0, y: 0 });

  function draw(state) {
    const { style } = byId('compare-stage');
    style.setProperty('--zoom', String(state.zoom));
    style.setProperty('--x', String(state.x));
    style.setProperty('--y', String(state.y));
    byId('compare-stage').classList.toggle('zoomed', state.zoom > 1);
    byId('compare-stage').classList.toggle('pixelated', state.pixelated);
    falExp.comparePane.write(byId('compare-zoom-value'), `${Math.round(state.zoom * 100)} %`);
    byId('compare-fit').setAttribute('aria-label', `${Math.round(state.zoom * 100)} %: whole pictures`);
    byId('compare-pixels').setAttribute('aria-pressed', String(state.pixelated));
    const handle = byId('compare-handle');
    handle.setAttribute('aria-valuenow', String(Math.round(state.wipe * 100)));
    handle.setAttribute('aria-valuetext', `A on ${Math.round(state.wipe * 100)} %`);
    handle.setAttribute('aria-orientation', state.line === 'vertical' ? 'horizontal' : 'vertical');
  }

  /* The picture's box before zooming: that of its parent's middle, which does not move. */
  function boxOf(view) {
    const frame = view.querySelector('.picture').parentElement.getBoundingClientRect();
    const ratio = parseFloat(getComputedStyle(view.querySelector('.picture')).getPropertyValue('--ratio')) || 16 / 9;
    const width = Math.min(frame.width, frame.height * ratio);
    const height = width / ratio;
    return { left: frame.left + (frame.width - width) / 2, top: frame.top + (frame.height - height) / 2, width, height, frame };
  }

  const partOf = (point, of) => ({ x: (point.x - of.left) / of.width, y: (point.y - of.top) / of.height });

  function onWheel(event) {
    const view = event.target.closest('.pane-view');
    const stage = byId('compare-stage');
    const scrolls = stage.scrollHeight > stage.clientHeight + 1;
    if (!view || (scrolls && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    const at = partOf({ x: event.clientX, y: event.clientY }, boxOf(view));
    change(zoomed(viewOf(falExp.compare.state()), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), at));
  }

  function onDown(event) {
    const handle = event.target.closest('#compare-handle');
    const view = event.target.closest('.pane-view') || (handle && byId('compare-stage').querySelector('.pane:not([hidden]) .pane-view'));
    if (!view || event.button > 0) return;
    const { zoom, picture } = falExp.compare.state();
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    box = boxOf(view);
    wiping = Boolean(handle) || (picture === 'wipe' && zoom === 1 && pointers.size === 1);
    // A captured pointer takes the double click with it, so that only drags are captured.
    if (wiping || zoom > 1 || event.pointerType === 'touch') byId('compare-stage').setPointerCapture(event.pointerId);
    if (wiping) wipeTo(event);
    if (wiping || zoom > 1) event.preventDefault();
    if (handle) handle.focus();
  }

  function onMove(event) {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const state = falExp.compare.state();
    if (pointers.size === 2) pinch(event.pointerId, now, state);
    else if (wiping) wipeTo(event);
    else if (state.zoom > 1) change(panned(viewOf(state), (now.x - before.x) / box.width, (now.y - before.y) / box.height));
    pointers.set(event.pointerId, now);
  }

  function pinch(id, now, state) {
    const other = [...pointers].find(([each]) => each !== id)[1];
    const before = pointers.get(id);
    const apart = (point) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    const moved = panned(viewOf(state), (now.x - before.x) / 2 / box.width, (now.y - before.y) / 2 / box.height);
    change(zoomed(moved, apart(now) / apart(before), partOf(middle, box)));
  }

  function onUp(event) {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) wiping = false;
  }

  function wipeTo(event) {
    const { frame } = box;
    const part = falExp.compare.state().line === 'vertical'
      ? (event.clientX - frame.left) / frame.width : (event.clientY - frame.top) / frame.height;
    change({ wipe: falExp.compareState.bounded(part, 0, 1) });
  }

  /** Move the line by steps of one in a hundred. */
  function wipeBy(steps) {
    const { wipe } = falExp.compare.state();
    change({ wipe: falExp.compareState.bounded(Math.round((wipe + steps * WIPE_STEP) * 100) / 100, 0, 1) });
  }

  function onHandleKey(event) {
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -100, End: 100 }[event.key];
    if (!steps) return;
    event.preventDefault();
    wipeBy(steps * (event.shiftKey ? 10 : 1));
  }

  function start() {
    const stage = byId('compare-stage');
    stage.addEventListener('wheel', onWheel, { passive: false });
    stage.addEventListener('pointerdown', onDown);
    stage.addEventListener('pointermove', onMove);
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) stage.addEventListener(name, onUp);
    stage.addEventListener('dblclick', (event) => {
      if (document.elementFromPoint(event.clientX, event.clientY)?.closest('.pane-view, #compare-handle')) reset();
    });
    byId('compare-handle').addEventListener('keydown', onHandleKey);
    byId('compare-in').addEventListener('click', () => by(STEP));
    byId('compare-out').addEventListener('click', () => by(1 / STEP));
    byId('compare-fit').addEventListener('click', reset);
    byId('compare-pixels').addEventListener('click', () => change({ pixelated: !falExp.compare.state().pixelated }));
  }

  falExp.compareZoom = { start, draw, by, reset, wipeBy, STEP };
})((globalThis.falExp = globalThis.falExp || {}));
