import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ChatRequestBody, startFaultServer } from '../src/testing.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

// A task with documents, climbed against a server that speaks OpenAI's protocol and answers by what stands in its prompt.

const towns = ['Aldham', 'Brant', 'Corley', 'Dunmere', 'Eastby', 'Farrow', 'Gorton', 'Harle'];
const rowsPerTown = 5;

const documents = Object.fromEntries(
  towns.map((town, index) => [`${town.toLowerCase()}.md`, `# ${town}\n\n## Ferry\n\nThe ferry of ${town} leaves at ${index + 10}.\n`]),
);

const rows = [
  ...towns.flatMap((town, index) =>
    Array.from({ length: rowsPerTown }, (_, row) => ({
      input: `${['When', 'At what hour', 'What time', 'From when on', 'Say when'][row]} does the ferry of ${town} leave?`,
      expected: String(index + 10),
      tags: [`passage:${town.toLowerCase()}.md#ferry/1`],
      split: 'test',
    })),
  ),
  ...Array.from({ length: 10 }, (_, row) => ({
    input: `Which king number ${row} of ${'mnopqrstuv'[row]?.repeat(9)} had a crown?`,
    expected: 'not in the documents',
    tags: ['unanswerable'],
    split: 'test',
  })),
];

/** Copies the hour of the first passage about the town that is asked for; cites it; orders passages by their numbers turned round. */
function answerOf({ messages }: ChatRequestBody): string {
  const [system = '', question = ''] = messages.map(({ content }) => content ?? '');
  if (system.startsWith('Order the passages')) return /^Question: .*Aldham/.test(question) ? 'the first' : '2, 1';
  const town = towns.find((name) => question.includes(name));
  const line = system.split('\n').findIndex((text) => town !== undefined && text.includes(`ferry of ${town} leaves`));
  if (line === -1) return system.includes('say exactly') ? 'Not in the documents.' : 'At noon.';
  const lines = system.split('\n');
  return `${/at (\d+)/.exec(lines[line] as string)?.[1]} ${/^\[\d+\]/.exec(lines[line - 1] as string)?.[0] ?? ''}`;
}

async function task(baseUrl: string, ladder: string, knowledge: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await taskFolder({
    'task.yaml': `instructions: Answer briefly.
output: { text: true }
providers: { local: { kind: openai-compatible, baseUrl: ${baseUrl} } }
prices: { local/any: { perRequest: 0.001 } }
models: { base: local/any }
metrics: [exact, retrieved, grounded]
ladder: ${ladder}
`,
    'examples.jsonl': jsonLines(rows),
  });
  await mkdir(join(folder, 'knowledge'));
  for (const [name, content] of Object.entries(knowledge)) await writeFile(join(folder, 'knowledge', name), content);
  return folder;
}

async function climbed(ladder: string, knowledge: Readonly<Record<string, string | Uint8Array>> = documents) {
  const server = await startFaultServer({ answer: answerOf });
  onTestFinished(() => server.close());
  const folder = await task(server.baseUrl, ladder, knowledge);
  const ended = await rung(['climb', folder, '--all', '--json']);
  return { ...ended, folder, server, verdict: ended.stdout === '' ? undefined : JSON.parse(ended.stdout) };
}

describe('a climb with documents', () => {
  it('measures apart whether the right passage was found and whether it was used', async () => {
    const { verdict, folder, server } = await climbed(
      '[zero-shot, retrieval, { rung: retrieval, name: reranked, passages: 1, rerank: true }]',
    );
    const [plain, looked, reranked] = verdict.rungs;
    expect(plain.metrics.exact.value).toBe(0);
    expect(plain.metrics.retrieved).toBeUndefined();
    expect(plain.metrics.grounded).toBeUndefined();
    expect(looked.metrics.exact).toMatchObject({ value: 0.8, n: 50 });
    expect(looked.metrics.retrieved).toMatchObject({ value: 1, n: 40 });
    expect(looked.metrics.grounded).toMatchObject({ value: 1, n: 50 });
    // turned round, the right passage comes first only for the town whose order could not be read
    expect(reranked.metrics.retrieved).toMatchObject({ value: rowsPerTown / 40, n: 40 });
    expect(reranked.metrics.grounded.value).toBe(1);
    expect(reranked.tokens.input).toBeGreaterThan(looked.tokens.input / 3);
    expect(server.totals().delivered).toBeLessThanOrEqual(4 * rows.length);
    expect(await readFile(join(folder, 'decision.md'), 'utf8')).not.toMatch(/\bNaN\b|\bundefined\b/);
  });

  it('passes the rung over where there are no documents, and says what to do', async () => {
    const { verdict, stderr } = await climbed('[zero-shot, retrieval]', { 'notes.pdf': '%PDF', 'empty.md': '' });
    expect(verdict.rungs[1].skipped).toContain('put Markdown or text files into its knowledge/ folder');
    expect(verdict.warnings.join(' ')).toMatch(/notes\.pdf.*empty\.md is empty.*holds no document/);
    expect(stderr).not.toContain('Error');
  });

  it('warns of examples that name documents which are not there', async () => {
    const { verdict } = await climbed('[zero-shot]', { 'aldham.md': documents['aldham.md'] as string });
    expect(verdict.warnings.join(' ')).toContain('7 documents that examples name are not in the knowledge folder');
  });

  it.each([
    ['binary', Uint8Array.of(0x50, 0, 0x4b), 'not text'],
    ['huge', Buffer.alloc(2_500_000, 'word '), '2,500,000 bytes'],
    ['in mixed encodings', Buffer.concat([Buffer.from('café\n'), Buffer.from('caf\xe9', 'latin1')]), 'mixes encodings'],
  ])('asks nothing where a document is %s', async (_, content, words) => {
    const { code, stderr, server } = await climbed('[zero-shot, retrieval]', { ...documents, 'bad.md': content });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).toContain('bad.md');
    expect(server.totals().received).toBe(0);
  });
});
