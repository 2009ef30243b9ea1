/** What runs in the page: it draws what the server says and sends what a person does. Text goes in as text content, never as markup. */
export const labelScript = `
'use strict';
const at = (id) => document.getElementById(id);
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
let state = null;
let busy = false;
let ended = false;
let writing = null;
let search = '';
let polling = 0;

async function call(path, body) {
  const options = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}

async function send(body) {
  // a press while the one before is under way would be meant for a row that is not shown yet
  if (busy || ended) return;
  busy = true;
  at('told').textContent = '';
  try {
    const next = await call('act', body);
    writing = null;
    search = '';
    if (body.do === 'end') finish();
    else draw(next);
  } catch (error) {
    at('told').textContent = error instanceof TypeError ? 'Rung no longer answers: start rung data label again; every label so far is kept.' : error.message;
  } finally {
    busy = false;
  }
}

function finish() {
  ended = true;
  at('row').replaceChildren(make('p', 'text', 'Done. The labelled file is being written; this page can be closed.'));
  at('answers').replaceChildren();
  for (const button of document.querySelectorAll('nav button')) button.disabled = true;
}

function draw(next) {
  state = next;
  at('figures').textContent = next.figures;
  at('pace').textContent = next.pace;
  const share = next.rows === 0 ? 0 : (100 * next.labelled) / next.rows;
  at('filled').style.width = share + '%';
  at('track').setAttribute('aria-valuemax', String(next.rows));
  at('track').setAttribute('aria-valuenow', String(next.labelled));
  for (const button of document.querySelectorAll('nav [data-do=skip]')) button.disabled = next.row === null;
  for (const button of document.querySelectorAll('nav [data-do=undo]')) button.disabled = !next.canUndo;
  drawRow(next.row);
  drawAnswers();
  drawState(next);
  clearTimeout(polling);
  if (next.row && next.row.draft && next.row.draft.state === 'coming') polling = setTimeout(poll, 400);
}

async function poll() {
  if (busy || ended || writing !== null || search !== '') {
    polling = setTimeout(poll, 400);
    return;
  }
  try {
    const next = await call('state');
    if (!busy && writing === null && search === '') draw(next);
  } catch {
    polling = setTimeout(poll, 2000);
  }
}

function drawRow(row) {
  const box = at('row');
  if (row === null) {
    box.replaceChildren(make('p', 'text', 'Nothing is left for you here.'));
    return;
  }
  const parts = [make('p', 'name', row.name)];
  for (const turn of row.turns) {
    if (row.turns.length > 1) parts.push(make('p', 'role', turn.role));
    const text = make('p', 'text', turn.text);
    text.dir = 'auto';
    parts.push(text);
  }
  for (const other of row.others) parts.push(make('p', 'other', other));
  if (row.said !== null) parts.push(make('p', 'said', 'You said: ' + row.said));
  const draft = row.draft;
  if (draft && draft.state === 'coming') parts.push(make('p', 'note', 'A draft is coming.'));
  if (draft && draft.state === 'failed') parts.push(make('p', 'other', 'No draft: ' + draft.why));
  if (draft && draft.state === 'ready') parts.push(make('p', 'draft', draft.shown));
  box.replaceChildren(...parts);
}

const label = (text) => state.row !== null && send({ do: 'label', row: state.row.key, label: text });
const draftText = () => (state.row && state.row.draft && state.row.draft.state === 'ready' ? state.row.draft.text : null);

function keyed(text, key, className) {
  const button = make('button', className);
  button.type = 'button';
  button.append(make('span', '', text));
  if (key) button.append(make('kbd', '', key));
  return button;
}

function drawAnswers() {
  const box = at('answers');
  box.classList.toggle('written', state.free);
  if (state.row === null) {
    box.replaceChildren();
    return;
  }
  if (state.free) drawWritten(box);
  else drawLabels(box);
}

function drawLabels(box) {
  const parts = [];
  if (draftText() !== null) {
    const take = keyed('Take the draft', 'Enter', 'take');
    take.onclick = () => label(draftText());
    parts.push(take);
  }
  const hasSearch = state.labels.some((one) => one.key === '');
  const wanted = search.trim().toLowerCase();
  const fits = state.labels.filter((one) => wanted === '' ? one.key !== '' : one.label.toLowerCase().includes(wanted));
  fits.sort((one, other) => other.label.toLowerCase().startsWith(wanted) - one.label.toLowerCase().startsWith(wanted));
  if (hasSearch) parts.push(searchField(fits));
  for (const one of fits.slice(0, 40)) {
    const button = keyed(one.text, wanted === '' ? one.key : '', one.label === state.row.label ? 'given' : '');
    button.onclick = () => label(one.label);
    parts.push(button);
  }
  const typing = document.activeElement && document.activeElement.id === 'search';
  box.replaceChildren(...parts);
  if (typing && search !== '') at('search').focus();
}

function searchField(fits) {
  const field = make('input', 'search');
  field.id = 'search';
  field.placeholder = 'Find one of ' + state.labels.length + ' labels: /';
  field.setAttribute('aria-label', 'Find a label by its name; Enter takes the first');
  field.value = search;
  field.oninput = () => {
    search = field.value;
    drawAnswers();
    at('search').focus();
  };
  field.onkeydown = (event) => {
    if (event.key === 'Enter' && fits.length > 0 && search !== '') {
      event.preventDefault();
      field.blur();
      label(fits[0].label);
    }
    if (event.key === 'Escape') {
      search = '';
      field.blur();
      drawAnswers();
    }
  };
  return field;
}

function drawWritten(box) {
  const row = state.row;
  if (writing === null) {
    const parts = [];
    if (draftText() !== null) {
      const take = keyed('Take the draft', 'Enter', 'take');
      take.onclick = () => label(draftText());
      parts.push(take);
    }
    const write = keyed(draftText() === null ? 'Write the answer' : 'Change it', 'e');
    write.onclick = () => startWriting();
    parts.push(write);
    const pair = make('div', 'pair');
    pair.append(...parts);
    box.replaceChildren(pair);
    return;
  }
  const field = make('textarea');
  field.id = 'writing';
  field.dir = 'auto';
  field.setAttribute('aria-label', 'Answer');
  field.value = writing;
  field.oninput = () => {
    writing = field.value;
  };
  const save = keyed('Save', 'Ctrl+Enter');
  save.onclick = () => send({ do: 'label', row: row.key, label: writing });
  const leave = keyed('Leave it', 'Esc');
  leave.onclick = () => stopWriting();
  const pair = make('div', 'pair');
  pair.append(save, leave);
  box.replaceChildren(field, pair);
  field.focus();
}

function startWriting() {
  if (state.row === null) return;
  writing = state.row.label !== null ? state.row.label : draftText() || '';
  drawAnswers();
}

function stopWriting() {
  writing = null;
  drawAnswers();
}

function drawState(next) {
  const told = next.stopping === null ? [] : next.stopping.texts.map((text) => make('p', '', text));
  if (next.stopping !== null && next.stopping.enough) told.unshift(make('p', 'enough', 'More labels stop paying, by the small classifier. You decide.'));
  at('stopping').replaceChildren(...told);
  const bars = make('div', 'bars');
  const most = Math.max(1, ...next.balance.map((one) => one.rows));
  for (const one of next.free ? [] : next.balance) {
    const bar = make('progress');
    bar.max = most;
    bar.value = one.rows;
    bar.setAttribute('aria-hidden', 'true');
    bars.append(make('span', '', one.text), bar, make('span', '', String(one.rows)));
  }
  at('balance').replaceChildren(bars);
}

function act(what) {
  if (what === 'skip') {
    if (state.row !== null) send({ do: 'skip', row: state.row.key });
  } else send({ do: what });
}

const keys = {
  j: () => act('next'),
  ArrowDown: () => act('next'),
  k: () => act('back'),
  ArrowUp: () => act('back'),
  s: () => act('skip'),
  u: () => act('undo'),
  e: () => (state.free ? startWriting() : focusSearch()),
  '/': () => focusSearch(),
  '?': () => at('keys').showModal(),
  Enter: () => {
    if (draftText() !== null) label(draftText());
    else if (state.free) startWriting();
  },
};

function focusSearch() {
  const field = at('search');
  if (field) field.focus();
}

document.addEventListener('keydown', (event) => {
  if (state === null || ended || at('keys').open) return;
  if (event.target.id === 'writing') {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send({ do: 'label', row: state.row.key, label: writing });
    }
    if (event.key === 'Escape') stopWriting();
    return;
  }
  if (event.target.id === 'search' || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === 'Enter' && event.target.tagName === 'BUTTON') return;
  const does = keys[event.key];
  const chosen = state.labels.find((one) => one.key !== '' && one.key === event.key);
  if (does) does();
  else if (chosen) label(chosen.label);
  else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll('[data-do]')) button.onclick = () => {
  act(button.dataset.do);
  button.blur();
};
at('help').onclick = () => at('keys').showModal();
at('close').onclick = () => at('keys').close();
call('state').then(draw, () => { at('told').textContent = 'Rung does not answer.'; });
`;
