/* Starts the pages beside the clips: theme, tables that sort. They are whole without it. */
(function (falExp) {
  'use strict';

  document.addEventListener('DOMContentLoaded', () => {
    falExp.theme.start();
    falExp.sort.start();
    document.documentElement.dataset.ready = 'true';
  });
})((globalThis.falExp = globalThis.falExp || {}));
