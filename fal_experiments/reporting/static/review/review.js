/* Only under `fal-exp review`: hands what a person says to the server, and sends again what it missed. */
(function (falExp) {
  'use strict';

  const { inboxes, rater } = document.currentScript.dataset;
  const address = JSON.parse(inboxes);
  const FIRST_WAIT_MS = 1000;
  const LONGEST_WAIT_MS = 15000;

  /** @returns {Promise<{stored?: object, error?: string, again?: boolean, holds?: object}>} */
  async function post(inbox, body) {
    try {
      const answer = await fetch(address[inbox], {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
        keepalive: true, cache: 'no-store', credentials: 'omit',
      });
      if (answer.headers.get('content-type')?.startsWith('application/json')) return await answer.json();
      return { error: (await answer.text()).trim(), again: answer.status >= 500 };
    } catch {
      return { error: 'the server does not answer', again: true };
    }
  }

  /** Sends one thing after the other, each until it is stored or refused for good. */
  function sender(inbox, { onStored, onRefused, onWaiting }) {
    const queue = [];
    let busy = false;

    async function work() {
      if (busy) return;
      busy = true;
      let waitMs = FIRST_WAIT_MS;
      while (queue.length > 0) {
        const answer = await post(inbox, queue[0]);
        if (answer.stored) {
          onStored(queue.shift(), answer.stored, queue.length);
          waitMs = FIRST_WAIT_MS;
        } else if (answer.again) {
          onWaiting(queue.length, answer.error);
          await new Promise((resolve) => setTimeout(resolve, waitMs));
          waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs);
        } else onRefused(queue.shift(), answer.error, answer.holds);
      }
      busy = false;
    }

    return (body) => {
      queue.push(body);
      work();
    };
  }

  function startRatings() {
    const { ratings } = falExp;
    const send = sender('ratings', {
      onStored(sent, holds, left) {
        ratings.stored(sent, holds);
        if (left === 0) ratings.tell('stored', 'Saved in ratings.jsonl');
      },
      onWaiting: (count, why) => ratings.tell('waiting',
        `${count} not saved: ${why}. Kept in this browser, sent again by itself; start fal-exp review again if it has ended`),
      onRefused(sent, why, holds) {
        if (holds) ratings.stored(sent, holds);
        ratings.tell('refused', holds ? `${why}, which is shown now` : `Not saved: ${why}. Kept in this browser`);
      },
    });
    ratings.connect({ rater, send });
  }

  /** A blind bundle tells of all its votes at each change, and of those that were taken back. */
  function startVotes() {
    const note = document.createElement('p');
    note.className = 'note';
    note.setAttribute('role', 'status');
    (document.querySelector('main') ?? document.body).append(note);
    const send = sender('votes', {
      onStored: (_, holds) => { note.textContent = `${holds.votes} saved in votes.jsonl`; },
      onWaiting: (_, why) => { note.textContent = `Not saved: ${why}. Your votes are kept in this browser and sent again by themselves.`; },
      onRefused: (_, why) => { note.textContent = `Not saved: ${why}. Your votes are kept in this browser: download them.`; },
    });
    document.addEventListener('fal-exp-votes', ({ detail: { rater: name, votes, taken_back } }) => {
      send({ rater: name, votes, taken_back });
    });
  }

  document.addEventListener('DOMContentLoaded', () => {
    if (address.ratings && falExp.ratings) startRatings();
    if (address.votes) startVotes();
  });
})((globalThis.falExp = globalThis.falExp || {}));
