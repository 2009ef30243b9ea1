import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';
import { type FaultServerOptions, faultsInOrder, startFaultServer } from '../testing.ts';

const rows = [
  { input: "Where's my PARCEL?", expected: 'shipping' },
  { input: 'The package has not arrived yet', expected: 'shipping' },
  { input: 'A courier left no note', expected: 'shipping' },
  { input: 'I want my money back', expected: 'billing' },
];

/** By what a text is about, as an angle: parcels and packages are one thing, couriers are near it. */
const angles = [
  ['parcel', 0],
  ['package', 0.1],
  ['courier', 0.6],
  ['money', 1.6],
] as const;
function embed(text: string): readonly number[] {
  const [, angle] = angles.find(([word]) => text.toLowerCase().includes(word)) ?? ['', 3];
  return [Math.cos(angle), Math.sin(angle), 0];
}

async function taskWith(options: FaultServerOptions = {}) {
  const server = await startFaultServer({ embed, ...options });
  onTestFinished(() => server.close());
  const folder = await taskFolder({
    'task.yaml': `instructions: Say which team it is for.
output: { labels: [billing, shipping] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: ${server.baseUrl} } }
prices: { local/embed-small: { inputPerMillion: 1000 } }
models: { base: fake/none, near: local/embed-small }
ladder: [zero-shot]
`,
    'examples.jsonl': jsonLines(Array.from({ length: 20 }, (_, at) => ({ input: `row ${at}`, expected: at % 2 ? 'billing' : 'shipping' }))),
    'rows.jsonl': jsonLines(rows),
  });
  const dedupe = async (...args: string[]) => {
    const { code, stdout, stderr } = await rung(
      ['data', 'dedupe', 'rows.jsonl', '-o', 'out.jsonl', '--semantic', '--task', '.', '--json', ...args],
      { workingFolder: folder },
    );
    return { code, stderr, document: stdout === '' ? undefined : JSON.parse(stdout) };
  };
  return { server, folder, dedupe };
}

describe('rung data dedupe --embeddings', () => {
  it("drops what a model finds to say the same of the rows' own texts, and buys no vector twice", async () => {
    const { server, folder, dedupe } = await taskWith({ faults: faultsInOrder([{ kind: 'server-error' }]) });
    const { code, document } = await dedupe('--embeddings', 'near');
    expect(code).toBe(0);
    expect(document).toMatchObject({
      read: 4,
      written: 3,
      semantic: true,
      semanticThreshold: 0.95,
      dropped: [{ row: 1, kept: 2, why: expect.stringMatching(/^says nearly the same as row 2 \(cosine 0\.99\d\)$/) }],
      review: [{ line: 2, other: 3, likeness: expect.closeTo(Math.cos(0.5), 2) }],
      embeddings: { model: 'local/embed-small', calls: 2, cached: 0, withoutVector: 0 },
    });
    const asked = [...server.tallies.keys()].flatMap((body) => JSON.parse(body).input);
    expect(asked.toSorted()).toEqual(rows.map(({ input, expected }) => `${input}\n${expected}`).toSorted());
    expect(document.embeddings.dollars).toBeCloseTo(0.001 * asked.join('\n').split(/\s/).length, 9);

    await writeFile(join(folder, 'rows.jsonl'), jsonLines([...rows, { input: 'Anything else', expected: 'billing' }]));
    const again = await dedupe('--embeddings', 'local/embed-small', '--semantic-threshold', '0.85');
    expect(again.document).toMatchObject({ written: 3, semanticThreshold: 0.85, embeddings: { calls: 1, cached: 4 } });
    expect(again.document.dropped.map(({ row, kept }: { row: number; kept: number }) => [row, kept])).toEqual([
      [1, 2],
      [3, 2],
    ]);
    expect(server.totals().delivered).toBe(2);
  });

  it.each([
    ['--max-calls', '0'],
    ['--budget', '0.000001'],
  ])('ends with 6 where %s %s is used up, with nothing written', async (...limit) => {
    const { server, folder, dedupe } = await taskWith();
    const { code, document } = await dedupe('--embeddings', 'near', ...limit);
    expect([code, server.totals().received]).toEqual([6, 0]);
    expect(document).toMatchObject({ error: { code: 'budget-ended' } });
    expect(await readdir(folder)).not.toContain('out.jsonl');
    expect(await readFile(join(folder, 'rows.jsonl'), 'utf8')).toBe(jsonLines(rows));
  });

  it('says that a price is unknown, and takes no budget then', async () => {
    const { dedupe } = await taskWith();
    const free = await dedupe('--embeddings', 'local/embed-large');
    expect(free.document).toMatchObject({ written: 3, embeddings: { dollars: null, calls: 1 } });
    const limited = await dedupe('--embeddings', 'local/embed-large', '--budget', '1');
    expect([limited.code, limited.document.error.code]).toEqual([2, 'price-unknown']);
  });

  it('refuses a model that makes no embeddings, and flags that do not go together', async () => {
    const { folder, dedupe } = await taskWith();
    const chat = await dedupe('--embeddings', 'local/chat');
    expect([chat.code, chat.document.error.code]).toEqual([2, 'model-without-embeddings']);
    for (const args of [
      ['--embeddings', 'near', '--task', '.'],
      ['--semantic-threshold', '0.9'],
      ['--semantic', '--semantic-threshold', '1'],
      ['--semantic', '--task', '.'],
      ['--semantic', '--embeddings', 'openai/text-embedding-3-small'],
    ]) {
      const { code, stderr } = await rung(['data', 'dedupe', 'rows.jsonl', '-o', 'out.jsonl', ...args], { workingFolder: folder });
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toMatch(/--semantic|--embeddings|--task|cosine/);
    }
  });

  it('stops when someone interrupts, writes nothing and keeps what was paid for', async () => {
    const listeners: (() => void)[] = [];
    const { server, folder, dedupe } = await taskWith({
      embed: (text) => {
        for (const listener of listeners.splice(0)) listener();
        return embed(text);
      },
    });
    const { code } = await rung(['data', 'dedupe', 'rows.jsonl', '-o', 'out.jsonl', '--semantic', '--task', '.', '--embeddings', 'near'], {
      workingFolder: folder,
      onInterrupt: (listener) => listeners.push(listener),
    });
    expect([code, server.totals().delivered]).toEqual([130, 1]);
    expect(await readdir(folder)).not.toContain('out.jsonl');
    expect((await dedupe('--embeddings', 'near')).document).toMatchObject({ written: 3, embeddings: { calls: 0, cached: 4 } });
  });

  it('tells people what it cost', async () => {
    const { folder } = await taskWith();
    const { stdout } = await rung(
      ['data', 'dedupe', 'rows.jsonl', '-o', 'out.jsonl', '--semantic', '--embeddings', 'near', '--task', '.'],
      { workingFolder: folder },
    );
    expect(stdout).toMatch(/Vectors by local\/embed-small: \$0\.0\d+ spent, 1 call, 0 vectors from the store\./);
  });
});
