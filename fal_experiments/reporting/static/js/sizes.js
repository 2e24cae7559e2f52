/* Widths: tiles that fit the page or follow the slider, and what sticks below what. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;
  const narrow = matchMedia('(max-width: 640px)');

  function apply() {
    const root = document.documentElement;
    const style = getComputedStyle(byId('grid'));
    const pagePx = byId('grid').clientWidth;
    const columns = Math.max(1, ...(falExp.grid.state.plan?.sections || []).map((s) => s.columns.length));
    const tilePx = falExp.view.get().tilePx || falExp.geometry.fitTilePx(columns, {
      pagePx,
      labelPx: parseFloat(style.getPropertyValue('--label-px')),
      gapPx: parseFloat(style.getPropertyValue('--gap-px')),
      isNarrow: narrow.matches,
    });
    if (root.style.getPropertyValue('--tile') !== `${tilePx}px`) falExp.grid.forgetHeights();
    root.style.setProperty('--tile', `${tilePx}px`);
    root.style.setProperty('--page-width', `${pagePx}px`);
    byId('size').value = String(tilePx);
    byId('fit').setAttribute('aria-pressed', String(falExp.view.get().tilePx === null));
  }

  function start() {
    const bar = byId('toolbar');
    new ResizeObserver(() => {
      const sticks = getComputedStyle(bar).position === 'sticky';
      document.documentElement.style.setProperty('--bar', `${sticks ? bar.offsetHeight : 0}px`);
    }).observe(bar);
    new ResizeObserver(apply).observe(byId('grid'));
    byId('size').min = String(falExp.hash.MIN_TILE_PX);
    byId('size').max = String(falExp.hash.MAX_TILE_PX);
    byId('size').addEventListener('input', (event) => falExp.view.set({ tilePx: Number(event.target.value) }));
    byId('fit').addEventListener('click', () => falExp.view.set({ tilePx: null }));
    falExp.view.onChange((_, changed) => changed.has('tilePx') && apply());
  }

  falExp.sizes = { start, apply };
})((globalThis.falExp = globalThis.falExp || {}));
