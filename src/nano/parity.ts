import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type NanoMessage, openNano } from './index.ts';

/**
 * Writes what this runtime computes, for `trainer/parity_check.py` to compare with Transformers and PEFT:
 *
 *     node src/nano/parity.ts models/nano LOGITS.json [ADAPTER] [--texts texts.jsonl]
 *
 * Each line of the texts is `{"text": …}` or `{"messages": […]}`; without them, built-in ones are used.
 */
const { positionals, values } = parseArgs({ allowPositionals: true, options: { texts: { type: 'string' } } });
const [folder, output, adapter] = positionals;
if (!folder || !output) {
  console.error('Usage: node src/nano/parity.ts MODEL_FOLDER LOGITS.json [ADAPTER_FOLDER] [--texts FILE.jsonl]');
  process.exit(2);
}

const builtIn: readonly (string | readonly NanoMessage[])[] = [
  'The quick brown fox counts 1, 2, 345 and 6,789.',
  '  spaces,\ttabs\n\nand lines  ',
  '{"product": "lamp", "stars": 4.5, "tags": ["new", "über"]}',
  "it's we're DON'T naïve 日本語 🙂 ﬁ",
  [{ role: 'user', content: 'Hello there' }],
  [
    { role: 'system', content: 'Choose one label: billing, technical, sales.' },
    { role: 'user', content: ' My invoice is wrong. ' },
    { role: 'assistant', content: 'billing' },
    { role: 'user', content: 'The page does not load.' },
  ],
];
/** Long enough to cross every block and chunk that the runtime works in. */
const lengths = [1, 7, 48, 49, 130, 400];

const nano = await openNano({ folder });
const items = values.texts === undefined ? builtIn : await readItems(values.texts);
const vocabulary = new Set(items.flatMap((item) => nano.encode(typeof item === 'string' ? item : JSON.stringify(item))));
const known = [...vocabulary];
const cases = await Promise.all(
  lengths
    .filter((length) => length <= nano.contextLength)
    .map(async (length) => {
      const tokens = Array.from({ length }, (_, index) => known[(index * index * 31 + index * 7) % known.length]!);
      return { tokens, logits: (await nano.logits({ tokens, adapter })).map((row) => [...row]) };
    }),
);
const texts = items.flatMap((item) => (typeof item === 'string' ? [{ text: item, ids: nano.encode(item) }] : []));
const chats = items.flatMap((messages) =>
  typeof messages === 'string'
    ? []
    : [true, false].map((generate) => ({ messages, generate, text: nano.render(messages, { addGenerationPrompt: generate }) })),
);
await writeFile(output, JSON.stringify({ cases, adapter: adapter ?? null, texts, chats }));
await nano.close();

async function readItems(file: string): Promise<(string | readonly NanoMessage[])[]> {
  const found: (string | readonly NanoMessage[])[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line.trim() === '') continue;
    const { text, messages } = JSON.parse(line) as { text?: string; messages?: readonly NanoMessage[] };
    if (messages) found.push(messages);
    else if (text !== undefined) found.push(text);
  }
  return found;
}
