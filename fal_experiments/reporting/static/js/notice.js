/* One quiet line for what the page has to say; read out by screen readers. */
(function (falExp) {
  'use strict';

  falExp.notice = {
    set(text) {
      const line = falExp.dom.byId('notice');
      if (line.textContent !== text) line.textContent = text;
    },
  };
})((globalThis.falExp = globalThis.falExp || {}));
