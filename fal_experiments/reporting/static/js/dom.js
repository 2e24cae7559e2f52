/* Elements from data. Text stays text: nothing here or elsewhere parses HTML. */
(function (falExp) {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  const ADDRESSES = new Set(['href', 'src', 'poster']);

  /**
   * Make an element. An attribute that is null, undefined or false is left out, and so is an
   * address that does not mean a file beside the report.
   * @param {string} tag
   * @param {Object<string, string|number|boolean|null|undefined>} [attributes]
   * @param {...(Node|string|null|undefined|false)} children
   */
  function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (ADDRESSES.has(name) && !falExp.href.isLocal(value)) continue;
      element.setAttribute(name, value === true ? '' : String(value));
    }
    element.append(...children.filter((child) => child || child === ''));
    return element;
  }

  /** Make an icon of the sprite in the page. It says nothing to a screen reader. */
  function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'icon');
    svg.setAttribute('aria-hidden', 'true');
    const use = document.createElementNS(SVG, 'use');
    use.setAttribute('href', `#icon-${name}`);
    svg.append(use);
    return svg;
  }

  /** Make a link, or plain text where the address is refused. */
  function link(label, href) {
    if (!falExp.href.isLocal(href)) return el('span', {}, label);
    return el('a', { href, target: '_blank', rel: 'noopener' }, label);
  }

  /** @returns {HTMLElement} */
  function byId(id) {
    return document.getElementById(id);
  }

  /** Run `action` once things have been quiet for `waitMs`; `cancel` forgets it. */
  function settle(waitMs, action) {
    let timer = 0;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(action, waitMs);
    };
    later.cancel = () => clearTimeout(timer);
    return later;
  }

  falExp.dom = { el, icon, link, byId, settle };
})((globalThis.falExp = globalThis.falExp || {}));
