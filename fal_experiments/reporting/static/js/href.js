/* Which links the report may follow: files beside it, and nothing else. */
(function (falExp) {
  'use strict';

  /**
   * Tell whether a link can only mean a file beside the report. Browsers drop control characters
   * and read a backslash as a slash, so both are looked through. environment.py has the same rule.
   * @param {string|null|undefined} href
   * @returns {boolean}
   */
  function isLocal(href) {
    if (typeof href !== 'string') return false;
    const bare = href.replace(/[\u0000-\u0020\u007f]/g, '');
    return bare !== '' && !/^[/\\]/.test(bare) && !/^[a-z][a-z0-9+.-]*:/i.test(bare);
  }

  falExp.href = { isLocal };
})((globalThis.falExp = globalThis.falExp || {}));
