import { RowFault } from '#core/data-format.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';

/** What turns may hold beside a role and a text. */
export type TurnFeature = 'weight' | 'name' | 'toolCalls' | 'toolCallId' | 'parts' | 'extra' | 'developer';

/** The names of what these turns hold and a format, which holds only `held`, cannot. */
export function lostOfTurns(turns: readonly DataTurn[], held: readonly TurnFeature[]): string[] {
  const features: Readonly<Record<TurnFeature, (turn: DataTurn) => boolean>> = {
    weight: (turn) => turn.weight !== undefined,
    name: (turn) => turn.name !== undefined,
    toolCalls: (turn) => turn.toolCalls !== undefined,
    toolCallId: (turn) => turn.toolCallId !== undefined || turn.toolCalls?.some(({ id }) => id !== undefined) === true,
    parts: (turn) => Array.isArray(turn.content),
    extra: (turn) => turn.extra !== undefined,
    developer: (turn) => turn.role === 'developer',
  };
  return Object.entries(features)
    .filter(([feature, has]) => !held.some((one) => one === feature) && turns.some(has))
    .map(([feature]) => `turns.${feature}`);
}

/** The conversation with its answer: of a preference the better one, with the name of what that leaves out. */
export function answeredTurns(row: DataRow): { readonly turns: readonly DataTurn[]; readonly lost: readonly string[] } {
  if (row.preference === undefined) return { turns: row.turns, lost: [] };
  return { turns: [...row.turns, ...row.preference.chosen], lost: ['preference.rejected'] };
}

/** A conversation cut before the answer it ends in. */
export function cutAnswer(turns: readonly DataTurn[]): { readonly asked: readonly DataTurn[]; readonly answer?: DataTurn } {
  const last = turns.at(-1);
  return last?.role === 'assistant' ? { asked: turns.slice(0, -1), answer: last } : { asked: turns };
}

/** Whether a turn is a text and nothing else. */
export function isPlain(turn: DataTurn): boolean {
  return (
    typeof turn.content === 'string' &&
    Object.entries(turn).every(([key, value]) => key === 'role' || key === 'content' || value === undefined)
  );
}

export function notAPair(format: string): RowFault {
  return new RowFault(
    'preference-missing',
    `The row has no two answers to choose between, as ${format} wants.`,
    'Convert it to a format of conversations, or add a worse answer.',
  );
}

/** The one turn of an answer, for formats that hold no more. */
export function onlyTurn(turns: readonly DataTurn[], format: string): DataTurn {
  if (turns.length === 1) return turns[0]!;
  throw new RowFault(
    'answer-of-turns',
    `An answer of ${turns.length} turns does not fit into ${format}.`,
    'Convert it to openai-preference or trl.',
  );
}

/** System turns apart from the conversation behind them. Throws a RowFault with that sentence where one stands later, or nothing follows. */
export function systemFirst(turns: readonly DataTurn[], otherwise: string): { head: readonly DataTurn[]; body: readonly DataTurn[] } {
  const isSystem = ({ role }: DataTurn) => role === 'system' || role === 'developer';
  const first = turns.findIndex((turn) => !isSystem(turn));
  const [head, body] = first === -1 ? [turns, []] : [turns.slice(0, first), turns.slice(first)];
  if (body.length === 0 || body.some(isSystem)) throw new RowFault('turns-unfit', otherwise, 'Put the system turn first.');
  return { head, body };
}
