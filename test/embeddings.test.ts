import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type ChatRequestBody, type FaultServerOptions, randomFaults, startFaultServer } from '../src/testing.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

// A task whose questions share no word with its documents, climbed against a server with chat and embeddings.

/** What a document says, and how people ask for it. */
const topics = [
  ['ferry', 'vessel'],
  ['clinic', 'doctor'],
  ['library', 'novels'],
  ['market', 'vegetables'],
  ['pool', 'swimming'],
  ['museum', 'paintings'],
] as const;

const rows = topics.flatMap(([topic, asked], index) =>
  Array.from({ length: 6 }, (_, row) => ({
    input: `${asked}, ${'abcdef'[row]?.repeat(9)}?`,
    expected: String(index + 10),
    tags: [`document:${topic}.md`],
    split: row < 2 ? 'train' : 'test',
  })),
);

function embed(text: string): readonly number[] {
  return topics.map((words) => (words.some((word) => text.toLowerCase().includes(word)) ? 1 : 0.01));
}

function answerOf({ messages }: ChatRequestBody): string {
  const shots = messages.filter(({ role }) => role === 'assistant');
  return shots.at(-1)?.content ?? /at (\d+)/.exec(messages[0]?.content ?? '')?.[1] ?? 'not in the documents';
}

async function task(ladder: string, options: FaultServerOptions = {}, models = '{ base: local/chat, near: local/embed-small }') {
  const server = await startFaultServer({ answer: answerOf, embed, ...options });
  onTestFinished(() => server.close());
  const folder = await taskFolder({
    'task.yaml': `instructions: Answer briefly.
output: { text: true }
providers: { local: { kind: openai-compatible, baseUrl: ${server.baseUrl} } }
prices: { local/chat: { perRequest: 0.001 }, local/embed-small: { inputPerMillion: 1000 } }
models: ${models}
metrics: [exact, retrieved, grounded]
ladder: ${ladder}
`,
    'examples.jsonl': jsonLines(rows),
  });
  await mkdir(join(folder, 'knowledge'));
  for (const [index, [topic]] of topics.entries()) {
    await writeFile(join(folder, 'knowledge', `${topic}.md`), `# ${topic}\n\nThe ${topic} opens at ${index + 10}.\n`);
  }
  return { server, folder };
}

/** The ladder that the documentation shows, and examples by meaning. */
const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'retrieval.md'), 'utf8');
const ladder = `${/\nladder:(\n {2}- [^`]*by-meaning[^`]*)```/.exec(page)?.[1]}
  - { rung: few-shot, selection: nearest, search: meaning, embeddings: near, shots: 2 }`;

it('finds by meaning what words do not find, with every vector bought once and billed to the answer that needed it', async () => {
  const { server, folder } = await task(ladder, {
    faults: randomFaults({ seed: 5, probability: 0.05, faults: [{ kind: 'server-error' }, { kind: 'truncated' }], mostAttempts: 1 }),
  });
  const first = await rung(['climb', folder, '--all', '--json']);
  const verdict = JSON.parse(first.stdout);
  const [words, meaning, shots] = verdict.rungs;
  expect(words.metrics.retrieved).toMatchObject({ value: 0, n: 24 });
  expect(meaning.metrics.retrieved).toMatchObject({ value: 1, n: 24 });
  expect(meaning.metrics.exact).toMatchObject({ value: 1, n: 24 });
  expect(shots.metrics.exact).toMatchObject({ value: 1, n: 24 });
  // a vector of two words costs 2 thousandths of a dollar on top of the chat's one
  expect(words.costPer1k).toBeCloseTo(1, 9);
  expect(meaning.costPer1k).toBeCloseTo(3, 9);
  expect(meaning.gain.costPer1k).toMatchObject({ value: 2, n: 24 });
  expect(meaning.gain.latencyMs.n).toBe(24);
  // set-up: the words of six passages and their titles; of twelve examples
  expect(meaning.setup.dollars).toBeCloseTo((6 * 6) / 1000, 9);
  expect(shots.setup.dollars).toBeCloseTo((12 * 2) / 1000, 9);
  expect(verdict.spent.calls).toBe(server.totals().received);
  expect(await readFile(join(folder, 'decision.md'), 'utf8')).not.toMatch(/\bNaN\b|\bundefined\b/);

  const again = await rung(['climb', folder, '--all', '--explain']);
  expect(again.stdout).toContain('0 calls');
  expect(again.stdout.replace(/\s+/g, ' ')).toContain('by-meaning: the right passage stood in the prompt for 100.0 % (');
  expect(again.stdout.replace(/\s+/g, ' ')).toContain(
    'by-meaning over by-words, row by row: costs $2.00 more (95 % interval $2.00 to $2.00, n 24, t)',
  );
});

it('buys only the vectors of what has changed in the documents', async () => {
  const texts: string[] = [];
  const noting = (text: string) => {
    texts.push(text);
    return embed(text);
  };
  const { folder } = await task('[{ rung: retrieval, search: meaning, embeddings: near, passages: 1, layout: plain }]', { embed: noting });
  const climb = async () => JSON.parse((await rung(['climb', folder, '--all', '--json'])).stdout);
  const before = await climb();
  expect(texts).toHaveLength(topics.length + 24);
  texts.length = 0;
  await writeFile(join(folder, 'knowledge', 'pool.md'), '# pool\n\nThe pool opens at 20.\n');
  const after = await climb();
  expect(texts).toEqual(['pool\nThe pool opens at 20.']);
  expect(after.rungs[0].candidate).not.toBe(before.rungs[0].candidate);
  // four questions of the 24 are about the pool
  expect(after.rungs[0].metrics.exact.value).toBeCloseTo(20 / 24, 9);
});

it.each([
  ['the server has no embeddings', { embed: undefined }, undefined, /embed-small answered with HTTP status 404/],
  ['the model makes none', {}, '{ base: local/chat, near: local/chat }', /The model local\/chat makes no embeddings\. Name one that does/],
  ['the provider is not known', {}, '{ base: local/chat, near: nowhere/embed }', /There is no provider named "nowhere"/],
])('says what to do where %s', async (_, options, models, words) => {
  const { folder, server } = await task('[{ rung: retrieval, search: meaning, embeddings: near }]', options as FaultServerOptions, models);
  const { code, stderr } = await rung(['climb', folder, '--all']);
  expect(code).toBe(2);
  expect(stderr).toMatch(words);
  if (models !== undefined) expect(server.totals().received).toBe(0);
});
