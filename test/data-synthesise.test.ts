import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FaultPlan, startFaultServer } from '../src/testing.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const words = { post: 'parcel', money: 'invoice' };
const examples = Array.from({ length: 24 }, (_, i) => {
  const expected = i % 2 === 0 ? ('post' as const) : ('money' as const);
  return {
    id: `d${i}`,
    input: `where is the ${words[expected]} for order ${1000 + 37 * i}, I asked on day ${i}`,
    expected,
    split: i < 16 ? 'train' : 'test',
  };
});

async function desk(models: string, more = ''): Promise<string> {
  const task = ['name: desk', 'instructions: Say which desk answers.', 'output: { labels: [post, money] }', 'examples: examples.jsonl'];
  return taskFolder({
    'examples.jsonl': jsonLines(examples),
    'task.yaml': `${[...task, `models: ${models}`, 'metrics: [accuracy, format]', 'ladder: [zero-shot]', more].join('\n')}\n`,
  });
}

/** Answers as the desk, and rewords what stands between lines. */
async function server(faults?: FaultPlan) {
  const started = await startFaultServer({
    ...(faults && { faults }),
    answer({ messages }) {
      const text = messages.at(-1)?.content ?? '';
      const fenced = /-----\n([\s\S]*)\n-----/.exec(text)?.[1];
      if (fenced !== undefined) return `Regarding ${fenced.split(' ').reverse().join(' ')}`;
      return text.includes('invoice') ? 'money' : 'post';
    },
  });
  onTestFinished(() => started.close());
  const provider = `providers: { desk: { kind: openai-compatible, baseUrl: "${started.baseUrl}" } }\nprices: { desk/one: { inputPerMillion: 1, outputPerMillion: 2 } }`;
  return { started, folder: await desk('{ base: desk/one, strong: desk/one }', provider) };
}

const lines = async (file: string) =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('rung data synthesise', () => {
  it('works with the embedded model, and prints one document', async () => {
    const folder = await desk('{ base: nano }');
    const file = join(folder, 'new.jsonl');
    const { code, stdout } = await rung([
      'data',
      'synthesise',
      folder,
      '-o',
      file,
      '--rows',
      '2',
      '--vary',
      'persona,noise',
      '--minimum',
      '0',
      '--json',
    ]);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      schema: 'rung.data-synthesise/1',
      written: 2,
      variedBy: null,
      candidate: { rung: 'zero-shot', model: 'nano' },
    });
    expect(await lines(file)).toHaveLength(2);
  });

  it('asks a service that fails now and then, buys nothing twice and keeps to its limits', async () => {
    const { started, folder } = await server(({ index }) => (index % 5 === 2 ? { kind: 'server-error', status: 500 } : undefined));
    const file = join(folder, 'new.jsonl');
    const args = ['data', 'synthesise', folder, '-o', file, '--rows', '8', '--vary', 'paraphrase,format', '--concurrency', '2'];
    const dry = await rung([...args, '--dry-run', '--json']);
    expect(started.totals().received).toBe(0);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      rungs: [{ rung: 'zero-shot' }, { rung: 'varied inputs', calls: 12 }],
      total: { calls: 36 },
    });
    const cut = await rung([...args, '--max-calls', '6', '--json']);
    expect(cut.code).toBe(6);
    expect(started.totals().received).toBeLessThanOrEqual(6);
    const { code, stdout } = await rung(args);
    expect(code).toBe(0);
    for (const part of ['8 of 8 rows written', 'varied by desk/one', 'Synthetic: 8 of 24 training rows', 'wilson'])
      expect(stdout).toContain(part);
    expect(Math.max(...[...started.tallies.values()].map(({ delivered }) => delivered))).toBe(1);
    const text = [...started.tallies.keys()].join('\n');
    for (const { input } of examples.slice(16)) expect(text).not.toContain(input);
    expect((await lines(file)).every(({ source, split }) => source === 'synthetic' && split === 'train')).toBe(true);
    const openai = join(folder, 'openai.jsonl');
    const other = JSON.parse((await rung([...args.with(4, openai), '--to', 'openai-chat', '--json'])).stdout);
    expect(other).toMatchObject({
      format: 'openai-chat',
      spent: { calls: 0 },
      lost: expect.arrayContaining([{ field: 'provenance', rows: 8 }]),
    });
    expect((await lines(openai))[0].messages.at(-1).role).toBe('assistant');
  });

  it('refuses flags that make no sense, and never writes over the examples', async () => {
    const folder = await desk('{ base: nano }');
    const file = join(folder, 'new.jsonl');
    const fails = async (flags: string[], part: string, output = file) => {
      const { code, stderr } = await rung(['data', 'synthesise', folder, '-o', output, ...flags]);
      expect(code).toBe(2);
      expect(stderr).toContain(part);
    };
    await fails([], 'written over', join(folder, 'examples.jsonl'));
    await fails(['--rows', '0'], 'asks for nothing');
    await fails(['--vary', 'rhyme'], 'no variation named');
    await fails(['--vary', 'language'], 'takes a model');
    await fails(['--minimum', '2'], 'not a score');
    await fails(['--samples', '1'], 'cannot be chosen');
    await fails(['--to', 'papyrus'], 'no data format');
    await fails(['--from', 'throne'], 'no rung and no stored candidate');
    expect(await readFile(join(folder, 'examples.jsonl'), 'utf8')).toBe(jsonLines(examples));
  });
});
