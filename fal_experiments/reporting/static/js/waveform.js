/* The sound of a clip as a strip: how loud each part is, and where playing stands. */
(function (falExp) {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  const LOUDEST = 100;

  /**
   * Make the strip.
   * @param {number[]} peaks  0 to 100, evenly over the clip
   * @returns {{node: SVGElement, setPlayed: (fraction: number) => void}}
   */
  function build(peaks) {
    const svg = make('svg', { class: 'waveform', viewBox: `0 0 ${peaks.length} 2`, preserveAspectRatio: 'none', role: 'img', 'aria-label': spoken(peaks) });
    const bars = peaks.map((peak, at) => {
      const half = Math.max(0.02, Math.min(LOUDEST, peak) / LOUDEST);
      return `M${at + 0.15} ${1 - half}h.7v${2 * half}h-.7z`;
    }).join('');
    const head = make('rect', { class: 'waveform-head', y: 0, width: peaks.length / 400, height: 2 });
    svg.append(make('path', { class: 'waveform-bars', d: bars }), head);
    return { node: svg, setPlayed: (fraction) => head.setAttribute('x', String(Math.min(1, Math.max(0, fraction)) * peaks.length)) };
  }

  function make(tag, attributes) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
    return node;
  }

  function spoken(peaks) {
    const loudest = Math.max(...peaks);
    if (loudest <= 0) return 'Sound: silent throughout';
    const quiet = peaks.filter((peak) => peak < loudest / 20).length;
    return `Sound: loudest at ${Math.round((peaks.indexOf(loudest) / peaks.length) * 100)} % of the clip, near silence in ${Math.round((quiet / peaks.length) * 100)} %`;
  }

  falExp.waveform = { build };
})((globalThis.falExp = globalThis.falExp || {}));
