/* What the data scripts bring: the batch, its cells, and details when they are asked for. */
(function (falExp) {
  'use strict';

  const details = new Map();
  const chunks = new Map();
  /** meanings: of measurements, by key, as far as details were loaded. */
  const data = { batch: null, cells: [], indexOf: new Map(), meanings: new Map() };
  /** Index by key: of axes, and of metrics. */
  let axes = new Map();
  let metrics = new Map();

  /** A cell as scripts see it: what chunks.py wrote, spelt out when it is asked for. */
  class Cell {
    #wire;

    constructor(wire) {
      this.#wire = wire;
    }

    get key() { return this.#wire.key; }
    /** @returns {number[]} index of its value on each axis of the batch, -1 where it has none */
    get at() { return this.#wire.at; }
    /** @returns {number} index in batch.prompts */
    get prompt() { return this.#wire.prompt; }
    get state() { return this.#wire.state; }
    get state_label() { return data.batch.states[this.#wire.state].label; }
    get tone() { return data.batch.states[this.#wire.state].tone; }
    get run_label() { return this.#wire.run_label; }
    get reason() { return this.#wire.reason ?? ''; }
    get cost_label() { return this.#wire.cost_label ?? ''; }
    get time_label() { return this.#wire.time_label ?? ''; }
    get breach() { return this.#wire.breach ?? ''; }
    /** @returns {string[]} */
    get deviations() { return this.#wire.deviations ?? []; }
    /** @returns {(number|null|undefined)[]} parallel to batch.metrics; see falExp.data.number */
    get numbers() { return this.#wire.n ?? []; }
    get poster() { return this.#picture(this.#wire.poster); }
    get video_href() { return this.#href(this.#wire.video); }
    get proxy_href() { return this.#href(this.#wire.proxy); }
    get fps() { return this.#wire.fps ?? null; }
    get frames() { return this.#wire.frames ?? null; }
    get has_audio() { return this.#wire.has_audio === true; }
    get duration_s() { return number(this, 'duration_s'); }
    /** @returns {[number, number]|null} from where to where the clip repeats itself, in seconds */
    get period() { return this.#wire.period ?? null; }

    get sheet() {
      const { sheet } = this.#wire;
      if (!sheet) return null;
      const [columns, rows, tileWidth, tileHeight] = sheet.grid;
      return {
        picture: this.#picture(sheet.f), columns, rows,
        tile_width_px: tileWidth, tile_height_px: tileHeight, times_s: times(sheet.t),
      };
    }

    #picture(wire) {
      if (!wire) return null;
      const [file, width, height] = wire;
      return { href: this.#href(file), width_px: width, height_px: height };
    }

    /** A name without a slash is a file of the cell's folder. */
    #href(file) {
      if (!file) return null;
      return /[/\\]/.test(file) ? file : (this.#wire.folder ?? '') + file;
    }
  }

  /** Times are written out, or as the first, the step and how many. */
  function times(wire) {
    if (Array.isArray(wire[0])) return wire[0];
    const [start, step, count] = wire;
    return Array.from({ length: count }, (_, index) => Math.round((start + index * step) * 1000) / 1000);
  }

  falExp.loadBatch = (batch) => {
    data.batch = batch;
    axes = new Map(batch.axes.map((axis, index) => [axis.key, index]));
    metrics = new Map(batch.metrics.map((metric, index) => [metric.key, index]));
  };

  falExp.loadCells = (wires) => {
    for (const wire of wires) {
      data.indexOf.set(wire.key, data.cells.length);
      data.cells.push(new Cell(wire));
    }
  };

  falExp.loadDetails = ([chunk, some, meanings]) => {
    chunks.set(chunk, Promise.resolve());
    for (const detail of some) details.set(detail.key, detail);
    for (const meaning of meanings) data.meanings.set(meaning.key, meaning);
  };

  /** @returns {boolean} whether every data script arrived */
  function isWhole() {
    return data.batch !== null && data.cells.length === data.batch.cells;
  }

  /**
   * Return the details of a cell, loading the script that carries them once.
   * @returns {Promise<object|null>}  null: the report was written without them
   */
  async function detailOf(index) {
    const chunk = Math.floor(index / data.batch.detailsAChunk) + 1;
    if (!chunks.has(chunk)) chunks.set(chunk, loadScript(`detail-${chunk}.js`));
    try {
      await chunks.get(chunk);
    } catch (error) {
      chunks.delete(chunk);
      throw error;
    }
    return details.get(data.cells[index].key) || null;
  }

  function loadScript(src) {
    return new Promise((resolve, reject) => {
      const script = falExp.dom.el('script', { src });
      script.addEventListener('load', resolve);
      script.addEventListener('error', () => reject(new Error(
        `${src} is missing beside this page. Render the report again; it costs nothing.`,
      )));
      document.head.append(script);
    });
  }

  /** @returns {{key: string, label: string}|null}  null where the axis does not touch the cell */
  function valueOf(cell, axisKey) {
    const axis = axes.get(axisKey);
    return axis === undefined ? null : data.batch.axes[axis].values[cell.at[axis]] ?? null;
  }

  /** @returns {number|null} a number of a cell; null where it is not known */
  function number(cell, metricKey) {
    return cell.numbers[metrics.get(metricKey)] ?? null;
  }

  function presetOf(cell) {
    return data.batch.presets[cell.at[axes.get('preset')]];
  }

  function inputOf(cell) {
    return data.batch.inputs[cell.at[axes.get('input')]] ?? null;
  }

  const promptOf = (cell) => data.batch.prompts[cell.prompt];

  /** @returns {string} `Kling 3.0 Pro · cfg scale 0.3` */
  function nameOf(cell) {
    const keys = ['preset', ...[...axes.keys()].filter((key) => key.startsWith('axis:'))];
    return keys.map((key) => valueOf(cell, key)?.label).filter(Boolean).join(' · ');
  }

  falExp.data = Object.assign(data, {
    isWhole, detailOf, presetOf, promptOf, inputOf, valueOf, number, nameOf,
  });
})((globalThis.falExp = globalThis.falExp || {}));
