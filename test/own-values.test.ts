import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startFaultServer } from '../src/testing.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const root = join(import.meta.dirname, '..');

it("takes a user's own model, metric and rung from task.ts, with no edit to Rung", async () => {
  const server = await startFaultServer({ answer: ({ messages }) => (messages.at(-1)?.content.includes('bark') ? 'dog' : 'cat') });
  const folder = await taskFolder({
    'task.ts': `
import { createOpenAI } from ${JSON.stringify(join(root, 'node_modules/@ai-sdk/openai/dist/index.js'))};
import { candidateId } from ${JSON.stringify(join(root, 'src/core/candidate.ts'))};
import { defineApproach, defineMetric, defineTask } from ${JSON.stringify(join(root, 'src/index.ts'))};

const alwaysCat = defineApproach({
  id: 'always-cat',
  summary: 'Says cat.',
  asksModel: false,
  checkOptions: () => {},
  prepare: async ({ name }) => ({ schema: 'rung.candidate/1', approach: 'always-cat', name, model: null, state: {}, artefacts: {} }),
  restore: async (manifest) => ({
    id: candidateId(manifest),
    manifest,
    answer: async () => ({ text: 'cat', value: 'cat', strict: true, calls: [] }),
  }),
});
const short = defineMetric({
  id: 'short',
  summary: 'At most three letters.',
  better: 'higher',
  scale: 'proportion',
  onError: 0,
  score: (_, { text }) => ({ value: text.length <= 3 ? 1 : 0 }),
});

export default defineTask({
  name: 'pets',
  instructions: 'Which animal is it?',
  output: { labels: ['cat', 'dog'] },
  examples: 'examples.jsonl',
  models: { base: createOpenAI({ baseURL: '${server.baseUrl}', apiKey: 'test-key-1234567890' }).chat('mock') },
  metrics: ['accuracy', short],
  goals: { accuracy: '>= 0.9', short: '>= 0.9' },
  ladder: [{ rung: alwaysCat }, 'zero-shot'],
});
`,
    'examples.jsonl': jsonLines(
      Array.from({ length: 60 }, (_, i) => ({
        input: `${i % 2 ? 'it barks' : 'it purrs'} ${i}`,
        expected: i % 2 ? 'dog' : 'cat',
        split: 'test',
      })),
    ),
  });
  try {
    const child = spawn(process.execPath, [join(root, 'bin', 'rung.js'), 'climb', folder, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk: Buffer) => (texts[name] += chunk.toString()));
    const [code] = await once(child, 'close');
    expect(code, texts.stderr).toBe(0);
    const verdict = JSON.parse(texts.stdout);
    expect(
      verdict.rungs.map(({ rung, metrics }: { rung: string; metrics: Record<string, { value: number }> }) => [
        rung,
        metrics['accuracy']?.value,
      ]),
    ).toEqual([
      ['always-cat', 0.5],
      ['zero-shot', 1],
    ]);
    expect(verdict.chosen.rung).toBe('zero-shot');
    expect(verdict.rungs[1].metrics.short.value).toBe(1);
    expect(texts.stdout + texts.stderr).not.toContain('test-key');
  } finally {
    await server.close();
  }
});
