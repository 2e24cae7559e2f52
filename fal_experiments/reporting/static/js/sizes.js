/* Widths: tiles that fit the page or follow the slider, and what sticks below what. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const narrow = matchMedia('(max-width: 640px)');
  /** Below the tiles of a phone stand the buttons of playing. */
  const NARROW_BOTTOM_PX = 80;
  const BOTTOM_PX = 16;
  let sizes = { tilePx: 320, stepPx: 332, labelPx: 0, bottomPx: 0 };

  /** Work out the sizes from the page, the view and the plan. @returns {boolean} whether tiles changed */
  function apply() {
    const root = document.documentElement;
    const grid = byId('grid');
    const pagePx = grid.clientWidth;
    const { plan } = falExp.grid.state;
    grid.dataset.labels = plan?.banded === false ? 'long' : 'short';
    const style = getComputedStyle(grid);
    const gapPx = parseFloat(style.getPropertyValue('--gap-px'));
    const labelPx = parseFloat(style.getPropertyValue('--label-px'));
    const columns = Math.max(1, ...(plan?.sections || []).map((each) => each.columns.length));
    const tilePx = falExp.view.get().tilePx || falExp.geometry.fitTilePx(columns, {
      pagePx, labelPx, gapPx, isNarrow: narrow.matches,
    });
    const before = JSON.stringify(sizes);
    sizes = {
      tilePx, stepPx: tilePx + gapPx, labelPx: narrow.matches ? 0 : labelPx + gapPx,
      bottomPx: narrow.matches ? NARROW_BOTTOM_PX : BOTTOM_PX,
    };
    root.style.setProperty('--tile', `${tilePx}px`);
    root.style.setProperty('--page-width', `${pagePx}px`);
    byId('size').value = String(tilePx);
    byId('fit').setAttribute('aria-pressed', String(falExp.view.get().tilePx === null));
    return before !== JSON.stringify(sizes);
  }

  function onResize() {
    const held = falExp.grid.anchor();
    if (apply()) falExp.grid.resize(held);
  }

  function start() {
    const bar = byId('toolbar');
    new ResizeObserver(() => {
      const sticks = getComputedStyle(bar).position === 'sticky';
      document.documentElement.style.setProperty('--bar', `${sticks ? bar.offsetHeight : 0}px`);
    }).observe(bar);
    new ResizeObserver(onResize).observe(byId('grid'));
    byId('size').min = String(falExp.hash.MIN_TILE_PX);
    byId('size').max = String(falExp.hash.MAX_TILE_PX);
    byId('size').addEventListener('input', (event) => falExp.view.set({ tilePx: Number(event.target.value) }));
    byId('fit').addEventListener('click', () => falExp.view.set({ tilePx: null }));
    falExp.view.onChange((_, changed) => changed.has('tilePx') && onResize());
  }

  falExp.sizes = { start, apply, current: () => sizes };
})((globalThis.falExp = globalThis.falExp || {}));
