import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { canonicalJson } from '#core/json.ts';

/** What of a row is compared with other rows. */
export interface RowText {
  /** All turns but the system's, calls of tools and both answers of a preference included; each begins with a mark of its role. */
  readonly said: string;
  /** System turns and tools. Two rows that say the same in other settings teach different things. */
  readonly setting: string;
}

const marks: Readonly<Record<DataTurn['role'], string>> = {
  system: '\u0001',
  developer: '\u0001',
  user: '\u0002',
  assistant: '\u0003',
  tool: '\u0004',
};

/** The text of a row for finding its duplicates. */
export function rowText(row: DataRow): RowText {
  let [said, setting] = ['', ''];
  for (const turn of row.turns) {
    if (turn.role === 'system' || turn.role === 'developer') setting += `\u0001${contentOf(turn)}`;
    else said += textOf(turn);
  }
  if (row.preference !== undefined) {
    for (const turn of row.preference.chosen) said += textOf(turn);
    said += '\u0005';
    for (const turn of row.preference.rejected) said += textOf(turn);
  }
  if (row.tools !== undefined && row.tools.length > 0) setting += `\u0006${canonicalJson(row.tools)}`;
  return { said, setting };
}

/**
 * What a row says, as it is written, for a model to read: its turns but the system's, one to a line, calls of tools and both answers of a
 * preference included. Empty where it says nothing, or more than text: rows with other pictures may have the same words.
 */
export function ownText({ turns, preference }: DataRow): string {
  const said = [...turns, ...(preference === undefined ? [] : [...preference.chosen, ...preference.rejected])].filter(
    ({ role }) => role !== 'system' && role !== 'developer',
  );
  if (said.some(({ content }) => Array.isArray(content) && content.some((part) => typeof part['text'] !== 'string'))) return '';
  const lines = said.flatMap((turn) => [turnText(turn), ...(turn.toolCalls ?? []).map((call) => `${call.name} ${call.arguments}`)]);
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** The text of what a row asks: its turns up to the last one that answers. Rows with equal text and setting ask the same. */
export function askedText({ turns, preference, tools }: DataRow): RowText {
  const last = turns.at(-1);
  const asked = preference === undefined && last?.role === 'assistant' ? turns.slice(0, -1) : turns;
  return rowText({ line: 0, turns: asked, ...(tools === undefined ? {} : { tools }) });
}

function textOf(turn: DataTurn): string {
  const calls = turn.toolCalls ?? [];
  return `${marks[turn.role]}${contentOf(turn)}${calls.map((call) => `\u0006${call.name} ${call.arguments}`).join('')}`;
}

// Parts that are no texts, as pictures, tell rows apart as well.
function contentOf(turn: DataTurn): string {
  if (turn.content === null || typeof turn.content === 'string') return turn.content ?? '';
  const others = turn.content.filter((part) => typeof part['text'] !== 'string');
  return others.length === 0 ? turnText(turn) : `${turnText(turn)}\u0007${canonicalJson(others)}`;
}
