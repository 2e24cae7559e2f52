/* Everything about one cell, as the drawer shows it. */
(function (falExp) {
  'use strict';

  const { el, icon, link } = falExp.dom;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  function part(title, ...content) {
    return el('section', { class: 'part' }, el('h3', {}, title), ...content);
  }

  /** @param {{label: string, value: string, note?: string, tone?: string}[]} lines */
  function facts(lines) {
    return el('dl', { class: 'facts' }, ...lines.map((line) => el('div', {},
      el('dt', {}, line.label),
      el('dd', {}, el('span', { class: line.tone && `tone-${line.tone}`, dir: 'auto' }, line.value),
        line.note && el('small', { dir: 'auto' }, line.note)))));
  }

  function player(cell) {
    if (!cell.video_href && !cell.poster) return null;
    if (!cell.video_href) return el('img', { class: 'stage', src: cell.poster.href, alt: 'Poster of the clip' });
    const video = el('video', {
      class: 'stage', src: cell.video_href, poster: cell.poster?.href, controls: true, loop: true,
      playsinline: true, preload: 'auto', width: cell.poster?.width_px, height: cell.poster?.height_px,
    });
    video.muted = !falExp.players.sound.on;
    if (!calm.matches) falExp.players.play(video);
    return video;
  }

  /** The contact sheet; a click on a picture of it takes the player there. */
  function sheet(cell, video) {
    if (!cell.sheet) return null;
    const { picture, columns, times_s: timesS } = cell.sheet;
    const moments = timesS.map((timeS, index) => {
      const label = falExp.geometry.timeLabel(timeS);
      const shape = el('span', { class: 'moment-picture' });
      const background = falExp.geometry.tileBackground(cell.sheet, index);
      if (falExp.href.isLocal(picture.href)) shape.style.backgroundImage = `url("${CSS.escape(picture.href)}")`;
      shape.style.backgroundSize = background.size;
      shape.style.backgroundPosition = background.position;
      shape.style.aspectRatio = `${cell.sheet.tile_width_px} / ${cell.sheet.tile_height_px}`;
      const button = el('button', { type: 'button', class: 'moment', 'aria-label': `Go to ${label}` },
        shape, el('span', {}, label));
      button.addEventListener('click', () => {
        if (!video) return;
        video.pause();
        video.currentTime = timeS;
      });
      return button;
    });
    const grid = el('div', { class: 'sheet' }, ...moments);
    grid.style.setProperty('--sheet-columns', String(columns));
    return grid;
  }

  function absence(cell) {
    if (cell.state === 'done') return null;
    return el('div', { class: `verdict tone-${cell.tone}` }, falExp.tile.stateIcon(cell),
      el('div', {}, el('strong', {}, cell.state_label),
        cell.reason && el('p', { dir: 'auto' }, cell.reason)));
  }

  function argumentsPart(detail) {
    if (detail.arguments === '{}') return part('Exact arguments', el('p', { class: 'note' }, 'Nothing was sent.'));
    const code = el('pre', { class: 'json', tabindex: 0, 'aria-label': 'Exact arguments' },
      el('code', { dir: 'auto' }, detail.arguments));
    const copy = el('button', { type: 'button', class: 'quiet copy' }, icon('copy'), 'Copy');
    copy.addEventListener('click', async () => {
      copy.lastChild.textContent = (await copyText(detail.arguments, code)) ? 'Copied' : 'Press Ctrl+C';
    });
    const box = part('Exact arguments', code);
    box.querySelector('h3').append(copy);
    return box;
  }

  /* Some browsers keep the clipboard from pages that are files: then the text is selected. */
  async function copyText(text, source) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      getSelection().selectAllChildren(source);
      return false;
    }
  }

  function promptPart(detail) {
    const dialect = detail.prompt_dialect;
    return part('Prompt',
      el('p', { class: 'prompt-whole', dir: 'auto' }, detail.prompt_text),
      el('p', { class: 'note' }, dialect ? `In the dialect “${dialect}”.` : 'In the prompt’s own words, no dialect.'));
  }

  const registered = [];

  /**
   * Add a part of another module to the side of every drawer.
   * @param {(cell: object, detail: object|null) => Node|null} make  null: nothing to show here
   * @param {{place?: 'top'|'side'}} [options]  top: before everything else at the side
   */
  function registerPart(make, { place = 'side' } = {}) {
    registered.push({ make, place });
  }

  function partsAt(place, cell, detail) {
    return registered.filter((each) => each.place === place).map((each) => each.make(cell, detail)).filter(Boolean);
  }

  function listed(title, lines, none) {
    if (lines && lines.length > 0) return part(title, facts(lines));
    return none ? part(title, el('p', { class: 'note' }, none)) : null;
  }

  /**
   * @param {object} cell
   * @param {object|null} detail  null: the report carries no details of this cell
   * @returns {HTMLElement}
   */
  function build(cell, detail) {
    const video = player(cell);
    const main = el('div', { class: 'drawer-main' }, absence(cell), video,
      sheet(cell, video?.tagName === 'VIDEO' ? video : null));
    const side = el('div', { class: 'drawer-side' }, ...partsAt('top', cell, detail));
    if (detail === null) {
      main.append(el('p', { class: 'note' }, 'The report carries no details of this cell.'));
      return el('div', { class: 'drawer-body' }, main, side);
    }
    if (detail.failure) {
      main.append(part('What the provider said', el('pre', { class: 'failure', tabindex: 0, dir: 'auto' }, detail.failure)));
    }
    main.append(promptPart(detail), argumentsPart(detail));
    side.append(...[
      cell.breach && part('Not strict', el('p', { class: 'tone-bad', dir: 'auto' }, cell.breach)),
      listed('Money', detail.money), listed('Deviations', detail.deviations, 'None recorded.'),
      listed('Times', detail.times), listed('Facts', detail.facts),
      detail.links?.length > 0 && part('Files', el('ul', { class: 'files' },
        ...detail.links.map((each) => el('li', {}, link(each.label, each.href))))),
    ].filter(Boolean), ...partsAt('side', cell, detail));
    return el('div', { class: 'drawer-body' }, main, side);
  }

  falExp.detail = { build, registerPart };
})((globalThis.falExp = globalThis.falExp || {}));
