/* The page of a blind test: welcome, one ballot after the other, thanks. */
(function (falExp) {
  'use strict';

  const { byId, el } = falExp.dom;
  const { stage, ballots, blindVotes, blindStore } = falExp;
  const { LETTERS } = stage;
  let test = null;
  let rater = '';
  let state = { votes: [], skipped: [], taken_back: [] };
  /** Votes that a server of this bundle has kept; empty from file://. */
  let served = [];
  /** @type {Ballot|null} */
  let ballot = null;
  let choice = { best: null, worst: null };
  let goesOn = false;

  falExp.loadBlind = (data) => { test = data; };
  falExp.loadVotes = (votes) => { served = votes; };

  const say = (text) => { byId('say').textContent = text; };
  const isPair = () => ballot !== null && ballot.clips.length === 2;

  function begin(name) {
    rater = name;
    blindStore.rememberRater(test, rater);
    state = blindStore.read(test, rater, served.filter((each) => each.rater === rater));
    byId('who').textContent = rater;
    goesOn = false;
    advance(state.votes.length > 0 ? 'Welcome back: your earlier votes are here.' : '');
  }

  function show(section) {
    for (const name of ['welcome', 'voting', 'finished']) byId(name).hidden = name !== section;
    document.documentElement.dataset.section = section;
  }

  /** Show the next ballot, or the thanks after the last one. */
  function advance(words) {
    ballot = ballots.next(test, state, rater);
    const isOver = ballot === null || (state.votes.length >= test.ballots && !goesOn);
    if (isOver) finish();
    else showBallot();
    tellProgress();
    say(words);
  }

  function showBallot() {
    choice = { best: null, worst: null };
    show('voting');
    const pair = isPair();
    byId('question').textContent = pair ? 'Which clip is better?' : 'Which clip is best, and which is worst?';
    byId('prompt-text').textContent = test.prompts[ballot.prompt];
    byId('prompt').classList.remove('open');
    byId('prompt-more').hidden = byId('prompt-text').scrollHeight <= byId('prompt-text').clientHeight + 1;
    byId('tie').firstChild.data = pair ? 'Tie ' : 'All alike ';
    byId('bad').firstChild.data = pair ? 'Both bad ' : 'All bad ';
    byId('next').hidden = pair;
    stage.show(ballot.clips.map((name) => test.clips[name]), pair ? pairAnswers : choiceAnswers, showLock);
    showLock();
    scrollTo(0, 0);
    byId('question').focus({ preventScroll: true });
  }

  function pairAnswers(index) {
    return [button('choose', `${LETTERS[index]} is better`, index === 0 ? '←' : '→', () => answerPair(index))];
  }

  function choiceAnswers(index) {
    return [
      button('choose best', 'Best', String(index + 1), () => choose('best', index)),
      button('choose worst', 'Worst', `⇧${index + 1}`, () => choose('worst', index)),
    ];
  }

  function button(classes, label, key, action) {
    const made = el('button', { type: 'button', class: classes }, `${label} `, el('kbd', { 'aria-hidden': 'true' }, key));
    made.addEventListener('click', action);
    return made;
  }

  const answerPair = (index) => vote({ outcome: index === 0 ? 'first' : 'second' }, `${LETTERS[index]} is better`);

  /** Choose the best or the worst; with both chosen, the vote is cast. */
  function choose(which, index) {
    if (isLocked()) return;
    const other = which === 'best' ? 'worst' : 'best';
    const clip = ballot.clips[index];
    choice[which] = choice[which] === clip ? null : clip;
    if (choice[other] === clip) choice[other] = null;
    document.querySelectorAll('.pane').forEach((pane, at) => {
      for (const name of ['best', 'worst']) {
        const chosen = choice[name] === ballot.clips[at];
        pane.classList.toggle(`is-${name}`, chosen);
        pane.querySelector(`.choose.${name}`).setAttribute('aria-pressed', String(chosen));
      }
    });
    showLock();
    if (choice.best && choice.worst) castChoice();
  }

  function castChoice() {
    if (!choice.best) return;
    const name = (clip) => LETTERS[ballot.clips.indexOf(clip)];
    vote({ ...choice }, `${name(choice.best)} is best${choice.worst ? `, ${name(choice.worst)} is worst` : ''}`);
  }

  const bothSame = (outcome) => vote({ outcome }, byId(outcome === 'tie' ? 'tie' : 'bad').firstChild.data.trim());

  /** A vote counts only when every clip was seen. */
  function isLocked() {
    const unseen = stage.seen().flatMap((share, at) => (blindVotes.isSeen(share) ? [] : [LETTERS[at]]));
    if (unseen.length === 0) return false;
    say(stage.isAnyBroken() ? 'One clip cannot be played here: skip this ballot with S.'
      : `See ${unseen.join(' and ')} to the end first.`);
    return true;
  }

  function showLock() {
    const locked = !stage.seen().every(blindVotes.isSeen);
    byId('voting').classList.toggle('locked', locked);
    byId('voting').querySelectorAll('.choose, #tie, #bad').forEach((each) => each.setAttribute('aria-disabled', String(locked)));
    byId('next').setAttribute('aria-disabled', String(locked || !choice.best));
    byId('hint').textContent = locked ? 'Watch every clip once, then choose.' : '';
  }

  function vote(answer, words) {
    if (!ballot || isLocked()) return;
    const made = blindVotes.record(test, ballot, answer, { rater, at: new Date().toISOString(), seen: stage.seen() });
    state.votes.push(made);
    state.taken_back = state.taken_back.filter((id) => id !== made.ballot);
    keep();
    advance(`Voted: ${words}. Z takes it back.`);
  }

  function skip() {
    if (!ballot) return;
    state.skipped.push(ballot.id);
    keep();
    advance('Skipped.');
  }

  function undo() {
    if (state.votes.length === 0) return;
    state.taken_back.push(state.votes.pop().ballot);
    keep();
    advance('Taken back.');
  }

  /* Whoever serves the page listens to the event; from file:// nobody does. */
  function keep() {
    byId('unkept').hidden = blindStore.write(test, rater, state);
    const { votes, taken_back } = state;
    document.dispatchEvent(new CustomEvent('fal-exp-votes', { detail: { rater, votes, taken_back } }));
  }

  function tellProgress() {
    const done = state.votes.length;
    byId('progress').max = Math.max(test.ballots, done);
    byId('progress').value = done;
    byId('count').textContent = ballot && byId('finished').hidden ? `${done + 1} of ${Math.max(test.ballots, done + 1)}` : `${done} votes`;
    byId('undo').disabled = done === 0;
    byId('download').disabled = done === 0;
  }

  function finish() {
    stage.clear();
    show('finished');
    byId('finished-count').textContent = state.votes.length === 1 ? 'one vote' : `${state.votes.length} votes`;
    byId('file').textContent = blindVotes.fileName(rater);
    byId('more').hidden = ballot === null;
    byId('finished-title').focus();
  }

  function more() {
    goesOn = true;
    advance('');
  }

  function download() {
    const url = URL.createObjectURL(new Blob([blindVotes.lines(state.votes)], { type: 'application/x-ndjson' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = blindVotes.fileName(rater);
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    say(`Saved as ${link.download}.`);
  }

  falExp.blindPage = {
    begin, show, answerPair, choose, castChoice, bothSame, skip, undo, download, more, isPair,
    isVoting: () => !byId('voting').hidden,
    clips: () => (ballot ? ballot.clips.length : 0),
    test: () => test,
  };
})((globalThis.falExp = globalThis.falExp || {}));
