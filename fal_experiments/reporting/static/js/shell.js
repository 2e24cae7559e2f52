/* Words → one line for a POSIX shell, so that a command can be copied whatever names are in it. */
(function (falExp) {
  'use strict';

  const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

  /** @returns {string} a word as a shell reads it back, in quotes only where it must be */
  function quote(word) {
    return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
  }

  /**
   * @param {string[]} words  the program, then its options
   * @param {string[]} [names]  what the options are followed by; one may look like an option
   * @returns {string} one line, without its line break
   */
  function command(words, names = []) {
    const guard = names.some((name) => name.startsWith('-')) ? ['--'] : [];
    return [...words, ...guard, ...names].map(quote).join(' ');
  }

  /** @returns {string} up to six places, never an exponent */
  function number(value) {
    return (Number(value.toFixed(6)) || 0).toFixed(6).replace(/\.?0+$/, '');
  }

  falExp.shell = { quote, command, number };
})((globalThis.falExp = globalThis.falExp || {}));
