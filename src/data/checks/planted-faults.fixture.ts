import type { DataRow, DataTurn } from '#core/data-row.ts';

const answer = (row: DataRow, content: string): DataRow => ({
  ...row,
  turns: row.turns.map((turn) => (turn.role === 'assistant' ? { ...turn, content } : turn)),
});
const textOf = ({ turns }: DataRow) => String(turns.at(-1)?.content);
const before = (row: DataRow, ...turns: DataTurn[]): DataRow => ({ ...row, turns: [...turns, ...row.turns] });

/** What is done to a clean row, and the rule that must see it. */
export const plantedFaults: readonly (readonly [string, (row: DataRow) => DataRow])[] = [
  ['no-turns', (row) => ({ ...row, turns: [] })],
  ['no-answer', (row) => ({ ...row, turns: row.turns.slice(0, 1) })],
  ['empty-answer', (row) => answer(row, '  ')],
  ['turn-order', (row) => before(row, { role: 'user', content: 'Hello.' })],
  ['answer-not-last', (row) => ({ ...row, turns: [...row.turns, { role: 'user', content: 'And then?' }] })],
  ['system-not-first', (row) => ({ ...row, turns: [row.turns[0]!, { role: 'system', content: 'Be brief.' }, row.turns[1]!] })],
  ['weight-unfit', (row) => ({ ...row, turns: row.turns.map((turn) => ({ ...turn, weight: 2 })) })],
  ['nothing-learnt', (row) => ({ ...row, turns: row.turns.map((turn) => ({ ...turn, weight: 0 })) })],
  ['tool-unasked', (row) => ({ ...row, turns: [row.turns[0]!, { role: 'tool', content: 'Yes.', toolCallId: 'c1' }, row.turns[1]!] })],
  ['mojibake', (row) => answer(row, `${textOf(row)} VoilÃ\u00A0, Ã©crit Ã\u00A0 la main.`)],
  ['control-character', (row) => answer(row, `${textOf(row)}\u0000`)],
  ['replacement-character', (row) => answer(row, `${textOf(row)} \uFFFD`)],
  ['half-character', (row) => answer(row, `${textOf(row)} \uDC00`)],
  ['answer-format-mixed', (row) => answer(row, JSON.stringify({ answer: textOf(row) }))],
  ['answer-json-broken', (row) => answer(row, `{"answer": "${textOf(row)}`)],
  ['answer-length-outlier', (row) => answer(row, `${textOf(row)} `.repeat(15))],
  ['language-crossed', (row) => answer(row, 'Das ist für Sie nicht teuer, und wir schicken es mit der Post, wie Sie es möchten.')],
];
