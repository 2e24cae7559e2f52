/* Which links the report may follow: files beside it, or what a report of one file carries itself. */
(function (falExp) {
  'use strict';

  /** SVG is not among them: it is a document that may hold scripts. */
  const EMBEDDED = /^data:(image\/(jpeg|png|gif|webp|avif)|video\/(mp4|webm|quicktime));base64,/;

  /** @returns {boolean} whether this page has no files beside it: it says so itself */
  const isOneFile = () => globalThis.document?.documentElement.dataset.embedded === 'true';

  /**
   * Tell whether a link can only mean a file beside the report, or in a report of one file, only a
   * picture or clip in the link itself. Browsers drop control characters and read a backslash as a
   * slash, so both are looked through. core/hrefs.py has the same rules.
   * @param {string|null|undefined} href
   * @param {boolean} [oneFile]
   * @returns {boolean}
   */
  function isLocal(href, oneFile = isOneFile()) {
    if (typeof href !== 'string') return false;
    if (oneFile) return EMBEDDED.test(href);
    const bare = href.replace(/[\u0000-\u0020\u007f]/g, '');
    return bare !== '' && !/^[/\\]/.test(bare) && !/^[a-z][a-z0-9+.-]*:/i.test(bare);
  }

  falExp.href = { isLocal };
})((globalThis.falExp = globalThis.falExp || {}));
