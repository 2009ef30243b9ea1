import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { type DataTurn, turnText } from '#core/data-row.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { looksLikeMessages, readMessages, writeMessages } from './messages.ts';
import { readAbout, writeAbout } from './record-parts.ts';
import { answeredTurns, cutAnswer, isPlain, lostOfTurns } from './written-turns.ts';

const metadataColumn = '__metadata:';
/** A cell that promptfoo reads as an assertion of some type, not as the answer itself. */
const assertion = /^(not-)?[a-z-]+(\([\d.]+\))?:|^(not-)?(is|contains)-[a-z-]+$|^file:\/\//;
/** A cell that it might, so that the type is written out. */
const mayBeAssertion = /^(not-)?[a-z-]+(\([\d.]+\))?(:|$)|^file:\/\//;

/** Each column without two underscores is a variable; `__expected` is the answer where it asks for equality. */
export const promptfooCsv = defineDataFormat({
  id: 'promptfoo-csv',
  summary: 'promptfoo tests as a table: variables, __expected and __metadata columns',
  source: 'https://www.promptfoo.dev/docs/configuration/test-cases',
  container: 'csv',
  recognise: (record) => (Object.keys(record).some((column) => /^__(expected\d*|metadata:.+|description)$/.test(column)) ? 1 : 0),
  read: (record) => {
    const vars = Object.entries(record).filter(([column, value]) => !column.startsWith('__') && value !== undefined && value !== null);
    const cell = record['__expected'];
    const expected =
      typeof cell === 'string' && (!assertion.test(cell) || cell.startsWith('equals:')) ? cell.replace(/^equals:/, '').trim() : undefined;
    const { about, left } = readColumns(record, expected === undefined ? [] : ['__expected']);
    return {
      turns: [...readVars(vars), ...(expected === undefined ? [] : [{ role: 'assistant' as const, content: expected }])],
      ...about,
      ...(vars.length === 1 && (vars[0]![0] === 'input' || vars[0]![0] === 'messages') ? {} : { form: { vars: Object.fromEntries(vars) } }),
      ...(Object.keys(left).length === 0 ? {} : { extra: left }),
    };
  },
  write: (row) => {
    const { turns, lost } = answeredTurns(row);
    const { asked, answer } = cutAnswer(turns);
    const { extra = {}, tags, ...about } = { ...row, extra: row.extra };
    const { id, group, source, split } = writeAbout({ ...about, extra: {} });
    const text = answer === undefined ? undefined : turnText(answer).trim();
    if (text === '')
      throw new RowFault(
        'answer-unfit',
        'The answer has no text, and promptfoo compares texts.',
        'Take the row out, or convert it to promptfoo.',
      );
    const metadata = Object.entries({ id, group, source, split }).flatMap(([name, value]) =>
      value === undefined ? [] : [[`${metadataColumn}${name}`, value]],
    );
    return {
      record: {
        ...writeVars(asked, row.form),
        ...(text === undefined ? {} : { __expected: mayBeAssertion.test(text) ? `equals:${text}` : text }),
        ...(tags === undefined || tags.length === 0
          ? {}
          : { [`${metadataColumn}tags[]`]: tags.map((tag) => tag.replaceAll(',', '\\,')).join(',') }),
        ...Object.fromEntries(metadata),
        ...Object.fromEntries(Object.entries(extra).filter(([column]) => column.startsWith('__'))),
      },
      lost: [
        ...lost,
        ...(answer === undefined ? [] : lostOfTurns([answer], [])),
        ...(text !== undefined && answer!.content !== text ? ['turns.content'] : []),
        ...(tags !== undefined && (tags.length === 0 || tags.some((tag) => tag.trim() !== tag || tag === '' || tag.includes('\\')))
          ? ['tags']
          : []),
        ...Object.keys(extra).filter((column) => !column.startsWith('__')),
        ...(row.tools === undefined ? [] : ['tools']),
      ],
    };
  },
});

function readColumns(record: JsonObject, read: readonly string[]) {
  const columns = Object.entries(record).filter(([column]) => column.startsWith('__') && !read.includes(column));
  const named: Record<string, Json> = {};
  for (const [column, value] of columns) {
    if (!column.startsWith(metadataColumn) || typeof value !== 'string') continue;
    const name = column.slice(metadataColumn.length);
    if (name === 'tags[]') named['tags'] = value.split(/(?<!\\),/).map((tag) => tag.trim().replaceAll('\\,', ','));
    else named[name] = value;
  }
  const { extra: others = {}, ...about } = readAbout(named, []);
  const left = columns.filter(([column]) => {
    const name = column.slice(metadataColumn.length);
    return !column.startsWith(metadataColumn) || name in others || (name !== 'tags[]' && !(name in about));
  });
  return { about, left: Object.fromEntries(left) as JsonObject };
}

function readVars(vars: readonly (readonly [string, Json | undefined])[]): DataTurn[] {
  if (vars.length === 0) throw new RowFault('input-missing', 'The row has no variable.', 'Add a column with the question.');
  const [name, value] = vars[0]!;
  const messages = name === 'messages' && typeof value === 'string' ? parsedList(value) : value;
  if (vars.length === 1 && name === 'messages' && looksLikeMessages(messages)) return readMessages(messages, 'messages');
  return [{ role: 'user', content: vars.length === 1 && typeof value === 'string' ? value : JSON.stringify(Object.fromEntries(vars)) }];
}

function parsedList(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function writeVars(asked: readonly DataTurn[], form: JsonObject | undefined): JsonObject {
  const only = asked.length === 1 && asked[0]!.role === 'user' && isPlain(asked[0]!) ? (asked[0]!.content as string) : undefined;
  if (only === undefined) return { messages: JSON.stringify(writeMessages(asked)) };
  const kept = (form?.['vars'] ?? {}) as JsonObject;
  const values = Object.values(kept);
  const text = values.length === 1 && typeof values[0] === 'string' ? values[0] : JSON.stringify(kept);
  return text === only ? kept : { input: only };
}
