import { defineDataFormat } from '#core/data-format.ts';
import { expectedText } from '#core/example.ts';
import { adaptParts } from './adapt-parts.ts';
import { looksLikeMessages, readMessages, writeMessages } from './messages.ts';
import { aboutFields, optional, readAbout, readTools, writeAbout } from './record-parts.ts';
import { answeredTurns, cutAnswer, isPlain } from './written-turns.ts';

const known = ['messages', 'tools', 'reference_answer'];
const about: readonly string[] = ['messages', 'tools', ...aboutFields];

/** A reference answer is the answer of the conversation; other fields for the grader stay fields. */
export const openaiReinforcement = defineDataFormat({
  id: 'openai-reinforcement',
  summary: 'OpenAI reinforcement fine-tuning: messages that end in the question, and fields for the grader',
  source: 'https://platform.openai.com/docs/guides/reinforcement-fine-tuning',
  container: 'jsonl',
  recognise: ({ messages, reference_answer: reference, ...rest }) => {
    if (!looksLikeMessages(messages) || !endsInQuestion(messages)) return 0;
    if (reference !== undefined) return 1;
    return Object.keys(rest).some((name) => !about.includes(name)) ? 0.85 : 0;
  },
  read: (record) => {
    const reference = record['reference_answer'];
    const kept =
      reference === undefined || reference === null || typeof reference === 'string' ? undefined : { reference_answer: reference };
    return {
      turns: [
        ...readMessages(record['messages'], 'messages'),
        ...(reference === undefined || reference === null ? [] : [{ role: 'assistant' as const, content: expectedText(reference) }]),
      ],
      ...optional('tools', readTools(record['tools'])),
      ...readAbout(record, known),
      ...optional('form', kept),
    };
  },
  write: (row) => {
    const answered = answeredTurns(row);
    const { turns, lost } = adaptParts(answered.turns, 'openai');
    const { asked, answer } = cutAnswer(turns);
    const isText = answer !== undefined && isPlain(answer);
    const kept = row.form?.['reference_answer'];
    const same = kept !== undefined && isText && expectedText(kept) === answer.content;
    return {
      record: {
        ...writeAbout(row),
        messages: writeMessages(isText ? asked : turns),
        ...(isText ? { reference_answer: same ? kept : (answer.content as string) } : {}),
        ...optional('tools', row.tools),
      },
      lost: [...answered.lost, ...lost],
    };
  },
});

function endsInQuestion(messages: unknown): boolean {
  const last = Array.isArray(messages) ? (messages.at(-1) as { role?: unknown }) : undefined;
  return last?.role === 'user' || last?.role === 'tool';
}
