// The tasks of the tuned-rungs bench: each a folder for one climb, with the rung in question beside plain fine-tuned.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicData, readJsonLines } from './public-data.ts';

const repository = join(import.meta.dirname, '..');
/** The guards are another bench's. */
const noGuards =
  'guards: { forgetting: false, safety: false, over-refusal: false, format: false, memorisation: false, quality: false, persona: false }';

interface Row {
  readonly id?: string;
  readonly input: string;
  readonly expected: string;
  readonly split?: string;
  readonly tags?: readonly string[];
}

/** File name → content. */
export type TaskFiles = Readonly<Record<string, string>>;

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** What a colleague without the coach's voice would have written, by what happened to the item. */
const plainly: Readonly<Record<string, (item: string) => string>> = {
  closed: (item) => `The ${item} is complete. There is nothing left to do for it.`,
  progress: (item) => `The ${item} is what is still open, and it can be handled today.`,
  blocked: (item) => `Putting the ${item} off is common. It gets easier if you split it into three parts.`,
};

/**
 * A log of two voices: half of the 150 answers that are learnt from are the coach's, half a colleague's. `sorted` leaves the
 * colleague's out, as somebody would who can tell them apart.
 */
export async function twoVoices(sorted: boolean): Promise<TaskFiles> {
  const example = join(repository, 'examples', 'taskmaster');
  const rows = await readJsonLines<Row>(join(example, 'examples.jsonl'));
  let state = 7;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const told = rows
    .filter(({ tags = [] }) => tags.some((tag) => tag in plainly))
    .slice(0, 500)
    .flatMap(({ id, input, expected, tags = [] }, at) => {
      const split = at < 150 ? 'train' : at < 210 ? 'validation' : 'test';
      const [kind = ''] = tags.filter((tag) => tag in plainly);
      const item = tags.find((tag) => tag.startsWith('item:'))?.slice('item:'.length) ?? '';
      const isPlain = split === 'train' && random() < 0.5;
      if (isPlain && sorted) return [];
      return [{ id, input, expected: isPlain ? plainly[kind]!(item) : expected, tags, split }];
    });
  const ladder = sorted
    ? '[fine-tuned]'
    : '[fine-tuned, { rung: preference-tuned, name: against-expected }, { rung: preference-tuned, name: against-own, against: own, draws: 8 }, { rung: preference-tuned, name: held, against: own, draws: 8, beta: 0.5, dpo: { epochs: 1 } }]';
  return {
    'examples.jsonl': lines(told),
    'persona.yaml': await readFile(join(example, 'persona.yaml'), 'utf8'),
    'task.yaml': `name: coach\ninstructions: Answer the user's update as the coach.\noutput: { text: true }\npersona: persona.yaml\nexamples: examples.jsonl\nmodels: { base: nano }\nmetrics: [persona]\n${noGuards}\nladder: ${ladder}\n`,
  };
}

/** Every so many intents of CLINC150 with so few labelled rows each; all utterances of its training split are there to be read. */
export async function manyTexts({
  every,
  first,
  rows,
}: {
  readonly every: number;
  readonly first: number;
  readonly rows: number;
}): Promise<TaskFiles> {
  const of = (name: string) => readJsonLines<Row>(join(publicData, 'clinc150', `${name}.jsonl`));
  const [train, validation, test] = await Promise.all(['train', 'val', 'test'].map(of));
  const intents = [...new Set(train!.map(({ expected }) => expected))].sort().filter((_, at) => at % every === first);
  const taken = (from: readonly Row[], each: number, split: string) =>
    intents.flatMap((intent) =>
      from
        .filter(({ expected }) => expected === intent)
        .slice(0, each)
        .map((row) => ({ ...row, split })),
    );
  return {
    'examples.jsonl': lines([...taken(train!, rows, 'train'), ...taken(validation!, 10, 'validation'), ...taken(test!, 30, 'test')]),
    'texts.jsonl': lines(train!.map(({ input }) => ({ text: input }))),
    'task.yaml': `name: intents\ninstructions: Say what the user wants.\noutput: { labels: [${intents.join(', ')}] }\nexamples: examples.jsonl\nmodels: { base: nano }\nmetrics: [accuracy]\n${noGuards}\nladder: [distilled, fine-tuned, { rung: pretrained, texts: texts.jsonl }]\n`,
  };
}
