/* Panels and menus: one at a time, below what opened it, a sheet at the bottom of a small screen. */
(function (falExp) {
  'use strict';

  const { el, icon } = falExp.dom;
  /** Distance from the edges of the window. */
  const EDGE_PX = 8;
  /** @type {{opener: HTMLElement, box: HTMLElement, update: (() => void)|null}|null} */
  let shown = null;

  /**
   * Let a button open a panel. Its content is made when it opens and gone when it closes.
   * @param {HTMLElement} button
   * @param {string} title
   * @param {() => {content: Node[], update?: () => void}} build
   *   update: brings the content in line with the view; without it the content is made anew
   */
  function attach(button, title, build) {
    button.setAttribute('aria-haspopup', 'dialog');
    button.setAttribute('aria-expanded', 'false');
    button.addEventListener('click', () => {
      if (shown?.opener === button) close();
      else open(button, title, build);
    });
  }

  /**
   * Open a panel below an element.
   * @param {{role?: string}} [options]
   */
  function open(opener, title, build, { role = 'dialog' } = {}) {
    close({ focus: false });
    const body = el('div', { class: 'panel-body' });
    const shut = el('button', { class: 'quiet', type: 'button', 'aria-label': 'Close' }, icon('close'));
    shut.addEventListener('click', () => close());
    const box = el('div', { class: 'panel', role, 'aria-label': title, tabindex: -1 },
      el('div', { class: 'panel-head' }, el('h2', {}, title), shut), body);
    const fill = () => {
      const { content, update } = build();
      body.replaceChildren(...content);
      return update || null;
    };
    const update = fill();
    shown = { opener, box, update: update || (() => keepFocus(body, fill)) };
    opener.setAttribute('aria-expanded', 'true');
    // Behind a dialog nothing can be reached.
    (opener.closest('dialog') || document.body).append(box);
    place();
    box.querySelector('.panel-body :is(button, input, select, summary, a[href])')?.focus({ preventScroll: true });
  }

  /** Make content anew and give the focus back to the control that stands for the one that had it. */
  function keepFocus(body, fill) {
    const { activeElement } = document;
    const name = body.contains(activeElement) ? activeElement.dataset.focus : null;
    const { scrollTop } = body;
    fill();
    body.scrollTop = scrollTop;
    if (!name) return;
    const again = [...body.querySelectorAll('[data-focus]')].find((each) => each.dataset.focus === name);
    (again && !again.disabled ? again : shown.box).focus({ preventScroll: true });
  }

  function place() {
    const { opener, box } = shown;
    const from = opener.getBoundingClientRect();
    const page = document.documentElement;
    const leftPx = Math.min(from.left, page.clientWidth - box.offsetWidth - EDGE_PX);
    const topPx = from.bottom + EDGE_PX / 2;
    box.style.setProperty('--panel-left', `${Math.max(EDGE_PX, leftPx)}px`);
    box.style.setProperty('--panel-top', `${Math.max(EDGE_PX, Math.min(topPx, innerHeight - box.offsetHeight - EDGE_PX))}px`);
  }

  function close({ focus = true } = {}) {
    if (!shown) return;
    const { opener, box } = shown;
    const inside = box.contains(document.activeElement);
    shown = null;
    opener.setAttribute('aria-expanded', 'false');
    box.remove();
    if (focus && inside) opener.focus({ preventScroll: true });
  }

  /**
   * Open a menu of things to do below an element.
   * @param {{label: string, run?: () => void, icon?: string, disabled?: boolean}[]} items
   *   an item without `run` is text
   */
  function menu(opener, title, items) {
    open(opener, title, () => ({
      content: items.map((item) => {
        if (!item.run) return el('p', { class: 'menu-text', dir: 'auto' }, item.label);
        const button = el('button', { class: 'menu-item', type: 'button', disabled: item.disabled },
          item.icon && icon(item.icon), el('span', {}, item.label));
        button.addEventListener('click', () => {
          close();
          item.run();
        });
        return button;
      }),
    }));
  }

  function onKey(event) {
    if (!shown || event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }

  function start() {
    document.addEventListener('keydown', onKey, true);
    document.addEventListener('pointerdown', (event) => {
      if (shown && !shown.box.contains(event.target) && !shown.opener.contains(event.target)) close({ focus: false });
    });
    document.addEventListener('focusin', (event) => {
      if (shown && !shown.box.contains(event.target) && !shown.opener.contains(event.target)) close({ focus: false });
    });
    addEventListener('resize', () => shown && place());
    falExp.view.onChange(() => shown?.update());
  }

  falExp.panel = { attach, open, close, menu, start, isOpen: () => shown !== null };
})((globalThis.falExp = globalThis.falExp || {}));
