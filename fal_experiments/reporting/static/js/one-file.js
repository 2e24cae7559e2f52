/* A report of one file: the overview stands below the clips, and links within the page scroll. */
(function (falExp) {
  'use strict';

  /** The address is the state of the clips, so a link to a part of the page must not change it. */
  function follow(event) {
    const link = event.target instanceof Element && event.target.closest('a[href^="#"]');
    if (!link || event.defaultPrevented) return;
    const id = link.getAttribute('href').slice(1);
    const part = id && document.getElementById(decodeURIComponent(id));
    if (part) event.preventDefault();
    if (part && part.id !== 'grid') part.scrollIntoView();
    else scrollTo(0, 0);
  }

  document.addEventListener('DOMContentLoaded', () => {
    falExp.sort.start();
    document.addEventListener('click', follow);
  });
})((globalThis.falExp = globalThis.falExp || {}));
