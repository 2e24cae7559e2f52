/* One pane of a comparison: its names and tools, its picture, what it says of its own time. */
(function (falExp) {
  'use strict';

  const { el, icon } = falExp.dom;
  const { kernel } = falExp;
  const ENDS = { before: 'not begun', held: 'held at its end', blank: 'ended' };
  /** @type {((cell: object) => Node|null)[]} */
  const decorators = [];

  /** Add what `decorator` makes of a cell to the head of its pane. */
  function decoratePane(decorator) {
    decorators.push(decorator);
  }

  class Pane {
    /** @param {number} index  of the cell */
    constructor(index, { onLength, onTrouble, onSettled }) {
      this.index = index;
      this.cell = falExp.data.cells[index];
      this.key = this.cell.key;
      this.name = `${falExp.data.nameOf(this.cell)}, ${this.cell.run_label}`;
      this.trouble = '';
      this.isHeard = false;
      const { cell } = this;
      const fps = cell.fps || (cell.frames && cell.duration_s ? cell.frames / cell.duration_s : 0);
      this.strip = { durationS: (cell.video_href && cell.duration_s) || 0, fps, period: cell.period || null, offsetS: 0 };
      this.onLength = onLength;
      this.onTrouble = onTrouble;
      this.onSettled = onSettled;
      this.build();
    }

    get hasClip() {
      return Boolean(this.clip) && !this.trouble;
    }

    /** Whether sound can come from it; a clip that was never measured may have some. */
    get maySound() {
      return this.hasClip && (this.cell.has_audio || this.cell.fps === null);
    }

    get ratio() {
      const { video } = this.clip || {};
      const { poster } = this.cell;
      if (video?.videoWidth) return video.videoWidth / video.videoHeight;
      return poster ? poster.width_px / poster.height_px : 16 / 9;
    }

    build() {
      const { cell } = this;
      this.picture = el('div', { class: 'picture' }, cell.poster && el('img', { src: cell.poster.href, alt: '', draggable: 'false' }));
      this.ending = el('span', { class: 'pane-ending', hidden: true });
      this.view = el('div', { class: 'pane-view' }, this.picture, this.ending);
      if (cell.video_href) this.clip = this.follow(cell.video_href, 'clip');
      else if (!cell.poster) this.view.append(this.absence(cell.state_label, cell.reason));
      this.slot = el('span', { class: 'pane-slot', hidden: true });
      this.time = el('span', { class: 'pane-time' });
      this.off = el('span', { class: 'pane-drift' });
      this.facts = el('span', { class: 'pane-facts' });
      this.offsets = el('span', { class: 'pane-offsets', hidden: true });
      this.head = this.buildHead();
      this.foot = el('div', { class: 'pane-foot' }, this.time, this.off, this.facts, this.offsets);
      this.node = el('article', { class: `pane tone-${cell.tone}`, 'data-key': cell.key, 'aria-label': this.name }, this.head, this.view, this.foot);
      this.tellFacts();
    }

    buildHead() {
      const { cell } = this;
      this.tools = el('span', { class: 'pane-tools' });
      this.extras = el('span', { class: 'pane-extras' });
      this.decorate();
      return el('div', { class: 'pane-head' }, this.slot,
        el('span', { class: 'pane-who' },
          el('strong', { dir: 'auto' }, falExp.data.nameOf(cell)),
          el('span', {}, cell.run_label),
          el('span', { class: 'pane-prompt', dir: 'auto', title: falExp.data.promptOf(cell).text }, falExp.data.promptOf(cell).id),
          cell.state !== 'done' && el('span', { class: `badge tone-${cell.tone}` }, cell.state_label),
          ...badges(cell),
          this.extras),
        this.tools);
    }

    /** Ask anew what other scripts have to say of this cell. */
    decorate() {
      this.extras.replaceChildren(...decorators.map((decorator) => decorator(this.cell)).filter(Boolean));
    }

    absence(label, reason) {
      return el('div', { class: 'absence' },
        el('span', { class: 'absence-state' }, falExp.tile.stateIcon(this.cell), label),
        reason && el('span', { class: 'absence-reason', dir: 'auto', title: reason }, reason));
    }

    follow(href, kind) {
      const video = el('video', {
        src: href, preload: 'auto', playsinline: true, tabindex: -1, 'aria-hidden': 'true',
        disablepictureinpicture: true, class: kind,
      });
      video.muted = true;
      video.addEventListener('loadeddata', () => video.classList.add('drawn'));
      this.picture.append(video);
      const follower = new falExp.follower.Follower(video, this.strip);
      for (const name of ['seeked', 'canplay']) video.addEventListener(name, () => this.onSettled());
      if (kind === 'clip') {
        video.addEventListener('loadedmetadata', () => this.learnLength(video));
        video.addEventListener('error', () => this.fail());
      } else {
        video.addEventListener('seeked', () => this.driver === follower && this.show('proxy'));
        video.addEventListener('error', () => { this.brokenProxy = true; this.show('clip'); });
      }
      return follower;
    }

    learnLength(video) {
      if (Number.isFinite(video.duration)) this.strip.durationS = video.duration;
      this.picture.style.setProperty('--ratio', String(this.ratio));
      this.tellFacts();
      this.onLength();
    }

    fail() {
      this.trouble = 'The clip is missing, or this browser cannot play it';
      this.strip.durationS = 0;
      this.view.classList.add('broken');
      this.view.append(el('span', { class: 'pane-trouble' }, this.trouble));
      this.tellFacts();
      this.onTrouble(this);
    }

    /** Cost and waiting, length and rate, and what is not there. */
    tellFacts() {
      const { strip, cell } = this;
      const words = [];
      if (cell.cost_label) words.push([cell.cost_label, 'cost']);
      if (cell.time_label) words.push([cell.time_label, 'from submit to file', 'clock']);
      if (this.hasClip) words.push(strip.fps > 0 ? [`${Math.round(strip.fps * 100) / 100} fps`, 'frames a second'] : ['fps unknown', 'this report does not say how many frames a second the clip has']);
      if (!this.clip && cell.poster) words.push(['picture', 'a still picture: it has no time']);
      if (this.hasClip && !this.maySound) words.push(['no sound', 'this clip has no sound']);
      if (this.noPhase) words.push(['no loop known', 'No loop was measured in this clip: it runs on the clock, not in phase']);
      this.facts.replaceChildren(...words.map(([text, title, sign]) => el('span', { class: 'fact', title }, sign && icon(sign), text)));
      this.picture.style.setProperty('--ratio', String(this.ratio));
    }

    /**
     * Let the clip or the small film for scrubbing play the part of this pane.
     * @returns {Follower|null} null: a picture, or nothing to show
     */
    use(which) {
      if (!this.hasClip) return null;
      if (which === 'proxy' && this.cell.proxy_href && !this.proxy) this.proxy = this.follow(this.cell.proxy_href, 'proxy');
      const isProxy = which === 'proxy' && this.proxy && !this.brokenProxy;
      const next = isProxy ? this.proxy : this.clip;
      if (next !== this.driver) {
        this.rest();
        this.driver = next;
        next.ready().then(() => this.driver === next && this.show(isProxy ? 'proxy' : 'clip'));
      }
      return next;
    }

    get canGoBackSmoothly() {
      return Boolean(this.cell.proxy_href) && !this.brokenProxy;
    }

    rest() {
      if (!this.driver) return;
      this.driver.isDriven = false;
      this.driver.forget();
      this.driver.video.pause();
    }

    show(which) {
      this.picture.dataset.shows = which;
    }

    /** Write where this pane is. Called some times a second, not with every frame. */
    tell(place, isPlaying) {
      write(this.time, this.hasClip && place.state !== 'still' ? this.timeWords(place, isPlaying) : '');
      const { driftS } = this.driver || {};
      write(this.off, isPlaying && this.hasClip && driftS !== null && driftS !== undefined ? falExp.comparePane.driftLabel(driftS) : '');
      const ending = this.hasClip ? ENDS[place.state] || '' : '';
      write(this.ending, ending);
      this.ending.hidden = ending === '';
      this.view.classList.toggle('blank', place.state === 'blank');
    }

    timeWords(place, isPlaying) {
      const { durationS } = this.strip;
      const words = [`${place.atS.toFixed(2)} of ${durationS.toFixed(2)} s`];
      const found = kernel.frameAt(this.strip, place.atS);
      if (found) words.push(`frame ${found.frame + 1} of ${found.count}`);
      if (!isPlaying && !this.driver?.isReady) words.push('on its way');
      return words.join(' · ');
    }

    /** Free the decoders. */
    free() {
      this.rest();
      for (const follower of [this.clip, this.proxy]) {
        follower?.video.removeAttribute('src');
        follower?.video.load();
      }
      this.node.remove();
    }
  }

  function badges({ deviations = [], breach }) {
    return [
      deviations.length > 0 && el('span', { class: 'badge tone-warn', title: deviations.join('\n') },
        falExp.tile.countOf(deviations.length, 'deviation')),
      breach && el('span', { class: 'badge tone-bad', title: breach }, 'not strict'),
    ];
  }

  function write(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  /** @returns {string} `+12 ms` late, `−3 ms` early */
  function driftLabel(driftS) {
    const ms = Math.round(driftS * 1000);
    return `${ms < 0 ? '−' : '+'}${Math.abs(ms)} ms`;
  }

  falExp.comparePane = { Pane, decoratePane, decorators, driftLabel, write };
})((globalThis.falExp = globalThis.falExp || {}));
