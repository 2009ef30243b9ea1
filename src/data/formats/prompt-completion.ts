import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { turnText } from '#core/data-row.ts';
import { quoted } from '#data/nearest.ts';
import { readAbout, writeAbout } from './record-parts.ts';
import { answeredTurns, cutAnswer, lostOfTurns } from './written-turns.ts';

const known = ['prompt', 'completion'];

export const promptCompletion = defineDataFormat({
  id: 'prompt-completion',
  summary: 'prompt and completion, both texts',
  source: 'https://huggingface.co/docs/trl/dataset_formats',
  container: 'jsonl',
  recognise: ({ prompt, completion }) => (typeof prompt === 'string' && typeof completion === 'string' ? 0.95 : 0),
  read: (record) => {
    const { prompt, completion } = record;
    if (typeof prompt !== 'string') throw new RowFault('prompt-missing', `The prompt is ${quoted(prompt)}.`, 'Write a text.');
    if (completion !== undefined && completion !== null && typeof completion !== 'string') {
      throw new RowFault('completion-unfit', `The completion is ${quoted(completion)}.`, 'Write a text.');
    }
    return {
      turns: [
        { role: 'user', content: prompt },
        ...(typeof completion === 'string' ? [{ role: 'assistant' as const, content: completion }] : []),
      ],
      ...readAbout(record, known),
    };
  },
  write: (row) => {
    const { turns, lost } = answeredTurns(row);
    const { asked, answer } = cutAnswer(turns);
    const spoken = asked.filter(({ role }) => role !== 'system' && role !== 'developer');
    if (spoken.length !== 1 || spoken[0]!.role !== 'user') {
      throw new RowFault(
        'turns-many',
        `A conversation of ${asked.length} turns before the answer is no single prompt.`,
        'Convert it to openai-chat.',
      );
    }
    return {
      record: { ...writeAbout(row), prompt: turnText(spoken[0]!), ...(answer === undefined ? {} : { completion: turnText(answer) }) },
      lost: [
        ...lost,
        ...lostOfTurns(turns, ['developer']),
        ...(spoken.length < asked.length ? ['turns.system'] : []),
        ...(row.tools === undefined ? [] : ['tools']),
      ],
    };
  },
});
