/* What the data scripts bring: the batch, its cells, and details when they are asked for. */
(function (falExp) {
  'use strict';

  const details = new Map();
  const chunks = new Map();
  const data = { batch: null, cells: [], indexOf: new Map() };

  falExp.loadBatch = (batch) => {
    data.batch = batch;
  };

  falExp.loadCells = (cells) => {
    for (const cell of cells) {
      data.indexOf.set(cell.key, data.cells.length);
      data.cells.push(cell);
    }
  };

  falExp.loadDetails = ([, some]) => {
    for (const detail of some) details.set(detail.key, detail);
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
    const number = Math.floor(index / data.batch.detailsAChunk) + 1;
    if (!chunks.has(number)) chunks.set(number, loadScript(`detail-${number}.js`));
    try {
      await chunks.get(number);
    } catch (error) {
      chunks.delete(number);
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

  const rowOf = (cell) => data.batch.rows[cell.row];
  const columnOf = (cell) => data.batch.columns[cell.column];
  const promptOf = (cell) => data.batch.prompts[rowOf(cell).prompt];

  falExp.data = Object.assign(data, { isWhole, detailOf, rowOf, columnOf, promptOf });
})((globalThis.falExp = globalThis.falExp || {}));
