/* Controls of two pictures at one place: which two, whose turn it is, how strong. */
(function (falExp) {
  'use strict';

  const { el, byId } = falExp.dom;
  const { write } = falExp.comparePane;
  /** A press that lasts longer was meant to hold, and its end takes the flip back. */
  const HOLD_MS = 300;
  let pressedMs = null;

  function draw(state, panes, { anew }) {
    if (anew) drawChoices(state, panes);
    for (const [name, words] of [['hz', hzWords(state.hz)], ['gain', `${state.gain}×`], ['opacity', `${Math.round(state.opacity * 100)} %`]]) {
      byId(`compare-${name}`).value = String(state[name]);
      byId(`compare-${name}`).setAttribute('aria-valuetext', words);
      write(byId(`compare-${name}-value`), words);
    }
    byId('compare-line').setAttribute('aria-pressed', String(state.line === 'horizontal'));
  }

  function hzWords(hz) {
    return `${hz} Hz${hz > falExp.compareView.SAFE_HZ ? ' · fast flashes can trigger seizures' : ''}`;
  }

  function drawChoices(state, panes) {
    for (const input of byId('compare-picture').querySelectorAll('input')) {
      input.checked = input.value === state.picture;
      input.disabled = state.cells.length < 2;
    }
    for (const slot of ['first', 'second']) {
      const select = byId(`compare-${slot}`);
      select.replaceChildren(...state.cells.map((key, place) => el('option', { value: String(place) }, `${place + 1}: ${panes.get(key).name}`)));
      select.value = String(state[slot]);
    }
  }

  /** Change sides; what flickers, stops with it. */
  function flip() {
    falExp.compareView.flicker(false);
    falExp.compareView.setSide(!falExp.compareView.showsSecond());
  }

  function press() {
    if (pressedMs !== null) return;
    pressedMs = performance.now();
    flip();
  }

  function release() {
    if (pressedMs !== null && performance.now() - pressedMs > HOLD_MS) flip();
    pressedMs = null;
  }

  function toggleFlicker() {
    falExp.compareView.flicker(!falExp.compareView.isFlickering());
  }

  function exchange() {
    const { first, second } = falExp.compare.state();
    falExp.compare.change({ first: second, second: first });
  }

  function turnLine() {
    falExp.compare.change({ line: falExp.compare.state().line === 'vertical' ? 'horizontal' : 'vertical' });
  }

  function start() {
    const { change } = falExp.compare;
    byId('compare-picture').addEventListener('change', ({ target }) => change({ picture: target.value }));
    for (const slot of ['first', 'second']) {
      byId(`compare-${slot}`).addEventListener('change', ({ target }) => {
        change(falExp.compareState.pinned(falExp.compare.state(), slot, Number(target.value)));
      });
    }
    byId('compare-exchange').addEventListener('click', exchange);
    byId('compare-line').addEventListener('click', turnLine);
    byId('compare-flicker').addEventListener('click', toggleFlicker);
    for (const name of ['hz', 'gain', 'opacity']) {
      byId(`compare-${name}`).addEventListener('input', ({ target }) => change({ [name]: Number(target.value) }));
    }
    const button = byId('compare-flip');
    button.addEventListener('pointerdown', (event) => {
      button.setPointerCapture(event.pointerId);
      press();
    });
    for (const name of ['pointerup', 'pointercancel']) button.addEventListener(name, release);
    // Enter and Space on the button come as a click without a pointer.
    button.addEventListener('click', (event) => event.detail === 0 && flip());
    addEventListener('keyup', (event) => event.key.toLowerCase() === 'f' && release());
    addEventListener('blur', release);
  }

  falExp.compareTwo = { start, draw, press, toggleFlicker, exchange, turnLine };
})((globalThis.falExp = globalThis.falExp || {}));
