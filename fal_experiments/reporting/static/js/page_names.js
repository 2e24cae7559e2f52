/* On paper every page is named after the batch: a margin of a page takes text from a style sheet only. */
(function (falExp) {
  'use strict';

  /** @returns {string} text that cannot end the string of a style sheet */
  const plain = (text) => text.replace(/[\p{C}"\\]/gu, ' ');

  function start() {
    const style = new CSSStyleSheet();
    style.replaceSync(`@page { @bottom-left { content: "${plain(document.title)}"; } }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  }

  addEventListener('DOMContentLoaded', start);

  falExp.pageNames = { plain };
})((globalThis.falExp = globalThis.falExp || {}));
