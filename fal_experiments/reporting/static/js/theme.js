/* Light and dark: the system's choice until a person makes one. Runs before the page is drawn. */
(function (falExp) {
  'use strict';

  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');

  function chosen() {
    const theme = falExp.memory.read('theme');
    return theme === 'light' || theme === 'dark' ? theme : null;
  }

  function isDark() {
    return (root.dataset.theme || (system.matches ? 'dark' : 'light')) === 'dark';
  }

  function toggle() {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    falExp.memory.write('theme', root.dataset.theme);
    label();
  }

  function label() {
    const button = falExp.dom.byId('theme');
    const name = isDark() ? 'Use the light theme' : 'Use the dark theme';
    button.setAttribute('aria-label', name);
    button.title = name;
    button.replaceChildren(falExp.dom.icon(isDark() ? 'sun' : 'moon'));
  }

  function start() {
    falExp.dom.byId('theme').addEventListener('click', toggle);
    system.addEventListener('change', label);
    label();
  }

  if (chosen()) root.dataset.theme = chosen();
  root.classList.replace('no-js', 'js');

  falExp.theme = { start };
})((globalThis.falExp = globalThis.falExp || {}));
