import { inputError } from '#core/errors.ts';
import { messagesOf } from '#core/example.ts';
import type { Message, Role } from '#core/message.ts';
import type { Shot } from '#core/prompt.ts';
import { sectionText, textLines } from './prompt-sections.ts';

const roleOf: ReadonlyMap<string, Role> = new Map([
  ['## User', 'user'],
  ['## Assistant', 'assistant'],
]);

/** Reads the turns under `# Examples`. Throws a usage error with the line where they are not turns that end in an answer. */
export function readShots(lines: readonly string[], file: string, firstLine: number): readonly Shot[] {
  const turns: { role: Role; lines: string[] }[] = [];
  for (const [index, line] of lines.entries()) {
    const role = roleOf.get(line.trimEnd());
    if (role !== undefined) turns.push({ role, lines: [] });
    else if (turns.length > 0) turns.at(-1)!.lines.push(line);
    else if (line.trim() !== '') throw unfit('An example begins with ## User.', file, firstLine + index);
  }
  const shots = shotsOf(turns.map(({ role, lines: own }) => ({ role, content: sectionText(withoutBlankEdges(own)) })));
  if (shots === undefined) throw unfit('The last example has no ## Assistant turn after its ## User turn.', file, firstLine);
  return shots;
}

/** Shots as the lines under `# Examples`: their turns, whatever the form of their inputs was. */
export function shotLines(shots: readonly Shot[]): readonly string[] {
  return turnsOf(shots).flatMap(({ role, content }, index) => [
    ...(index === 0 ? [] : ['']),
    role === 'user' ? '## User' : '## Assistant',
    '',
    ...textLines(content),
  ]);
}

/** The turns that shots are sent as. */
export function turnsOf(shots: readonly Shot[]): readonly Message[] {
  return shots.flatMap(({ input, answer }): Message[] => [
    ...messagesOf(input).filter(({ role }) => role !== 'system'),
    { role: 'assistant', content: answer },
  ]);
}

/** Turns grouped into shots, each the fewest turns that end in an answer to a user; undefined where the last has none. */
function shotsOf(turns: readonly Message[]): readonly Shot[] | undefined {
  const shots: Shot[] = [];
  let open: Message[] = [];
  for (const turn of turns) {
    const last = open.at(-1);
    if (turn.role !== 'assistant' || last?.role !== 'user') {
      open.push(turn);
      continue;
    }
    shots.push({ input: open.length === 1 ? last.content : { messages: open }, answer: turn.content });
    open = [];
  }
  return open.length === 0 ? shots : undefined;
}

function withoutBlankEdges(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => line.trim() !== '') + 1);
}

function unfit(message: string, file: string, line: number): Error {
  return inputError({
    code: 'examples-unfit',
    message,
    hint: 'Write the question under ## User and the answer to it under ## Assistant.',
    place: { file, line },
  });
}
