import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { type DataTurn, turnText } from '#core/data-row.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { readAbout, writeAbout } from './record-parts.ts';
import { answeredTurns, cutAnswer, lostOfTurns } from './written-turns.ts';

const questions = ['input', 'question', 'prompt', 'query', 'text', 'sentence', 'message', 'utterance', 'instruction', 'user'];
const answers = ['expected', 'answer', 'output', 'response', 'completion', 'label', 'target', 'intent', 'category', 'ideal', 'assistant'];

/** Rows of one question and one answer under any of the usual names, whatever their case; the names are kept for writing them back. */
export const table = defineDataFormat({
  id: 'table',
  summary: 'a table with a column for the question and one for the answer, as input and expected, question and answer, text and label',
  source: 'https://www.rfc-editor.org/rfc/rfc4180',
  container: 'csv',
  recognise: (record) => {
    const question = columnOf(record, questions);
    if (question === undefined || !isScalar(record[question])) return 0;
    const answer = columnOf(record, answers);
    return answer !== undefined && isScalar(record[answer]) ? 0.65 : 0.2;
  },
  read: (record) => {
    const question = columnOf(record, questions);
    if (question === undefined) {
      throw new RowFault(
        'input-missing',
        'The row has no question.',
        `Name its column ${questions.slice(0, 5).join(', ')} or the like, or use --map input=….`,
      );
    }
    const answer = columnOf(record, answers);
    const system = typeof record['system'] === 'string' ? record['system'] : undefined;
    const names = { input: question, ...(answer === undefined ? {} : { expected: answer }) };
    const usual = question === 'input' && (answer === undefined || answer === 'expected');
    return {
      turns: [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
        { role: 'user', content: textOf(record[question]) },
        ...(answer === undefined ? [] : [{ role: 'assistant' as const, content: textOf(record[answer]) }]),
      ],
      ...readAbout(record, [question, ...(answer === undefined ? [] : [answer]), 'system']),
      ...(usual ? {} : { form: names }),
    };
  },
  write: (row) => {
    const { turns, lost } = answeredTurns(row);
    const { asked, answer } = cutAnswer(turns);
    const system = asked.find(({ role }) => role === 'system' || role === 'developer');
    const spoken = asked.filter((turn) => turn !== system);
    if (spoken.length !== 1 || spoken[0]!.role !== 'user') {
      throw new RowFault(
        'turns-many',
        `A table holds one question and one answer, not ${asked.length} turns before the answer.`,
        'Convert it to openai-chat.',
      );
    }
    const name = (field: 'input' | 'expected') => (typeof row.form?.[field] === 'string' ? row.form[field] : field);
    return {
      record: {
        ...(system === undefined ? {} : { system: turnText(system) }),
        [name('input')]: turnText(spoken[0]!),
        ...(answer === undefined ? {} : { [name('expected')]: turnText(answer) }),
        ...writeAbout(row),
      },
      lost: [...lost, ...lostOfTurns(turns, []), ...lostContent(turns), ...(row.tools === undefined ? [] : ['tools'])],
    };
  },
});

/** The first of the usual names that a column has. */
function columnOf(record: JsonObject, names: readonly string[]): string | undefined {
  const columns = Object.keys(record).filter((column) => record[column] !== undefined && record[column] !== null);
  for (const name of names) {
    const found = columns.find((column) => column.trim().toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isScalar(value: Json | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function lostContent(turns: readonly DataTurn[]): string[] {
  return turns.some(({ content }) => content === null) ? ['turns.content'] : [];
}
