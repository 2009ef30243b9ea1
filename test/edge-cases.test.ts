import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

// Inputs at the edge of what can be measured: each ends in a clear sentence, and no screen shows a number that is none.

const rows = (count: number, more: (row: number) => object = () => ({})) =>
  jsonLines(
    Array.from({ length: count }, (_, row) => ({
      input: `message number ${row} about ${['an invoice', 'a parcel'][row % 2]} and ${row * 7919}`,
      expected: row % 2 === 0 ? 'billing' : 'shipping',
      split: 'test',
      ...more(row),
    })),
  );

const textYaml = (answer: string, goals: string) => `name: edge
instructions: Say yes.
output: { text: true }
examples: examples.jsonl
providers: { always: { kind: fake, otherwise: "${answer}", price: { perRequest: 0.001 } } }
models: { base: always/one }
metrics: [exact]
ladder: [zero-shot, structured]
goals: { ${goals} }
`;

const yaml = (more: string) => `name: edge
instructions: Say which team.
output: { labels: [billing, shipping] }
examples: examples.jsonl
providers: { always: { kind: fake, otherwise: billing, price: { perRequest: 0.001 } } }
models: { base: always/one }
metrics: [accuracy]
ladder: [zero-shot, structured]
${more}`;

async function climbed(files: Record<string, string>, ...flags: string[]) {
  const folder = await taskFolder(files);
  const { code, stdout, stderr } = await rung(['climb', folder, '--explain', ...flags]);
  const written = await Promise.all(
    ['decision.md', 'decision.json', 'report.html'].map((file) => readFile(join(folder, file), 'utf8').catch(() => '')),
  );
  // numbers that are none; words such as "finance" hold none of these
  for (const text of [stdout, stderr, ...written]) expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|∞|\bundefined\b|\[object /);
  const verdict = written[1] === '' ? undefined : JSON.parse(written[1]!);
  return { code, stdout, stderr, verdict };
}

describe('a climb at the edge', () => {
  it('of rows that are all right and cost the same: no variance', async () => {
    const { code, verdict } = await climbed({
      'task.yaml': textYaml('yes', 'exact: ">= 0.9", costPer1k: "<= 2"'),
      'examples.jsonl': rows(200, () => ({ expected: 'yes' })),
    });
    expect(code).toBe(0);
    expect(verdict.sentence).toContain('100 % exact match');
    expect(verdict.rungs[0].metrics.exact.low).toBeLessThan(1);
  });

  it('of rows that are all wrong', async () => {
    const { code, verdict } = await climbed({
      'task.yaml': yaml('goals: { accuracy: ">= 0.9" }').replace('otherwise: billing', 'otherwise: neither'),
      'examples.jsonl': rows(60),
    });
    expect(code).toBe(3);
    expect(verdict.sentence).toContain('Something is wrong with the task, the model or the metric');
    expect(verdict.floor.confusions).toContainEqual({ expected: 'shipping', answered: 'no label', rows: 30 });
    expect(verdict.floor.failedByAll).toMatchObject({ rows: 60, of: 60 });
    expect(verdict.floor.suspects).toEqual([]);
  });

  it('of one group, which shows nothing of the next one', async () => {
    const { code, verdict } = await climbed({
      'task.yaml': yaml('goals: { accuracy: ">= 0.4" }'),
      'examples.jsonl': rows(80, () => ({ group: 'one customer' })),
    });
    expect(code).toBe(4);
    expect(verdict.rungs[0].metrics.accuracy).toMatchObject({ low: 0, high: 1, method: 'one group: no interval' });
  });

  it('of a metric that applies to no row', async () => {
    const { code, verdict } = await climbed({
      'task.yaml': yaml('goals: { accuracy: ">= 0.9" }'),
      'examples.jsonl': rows(20, () => ({ expected: undefined })),
    });
    expect(code).toBe(4);
    expect(verdict.sentence).toContain('none of the metrics applies to any of the rows');
  });

  it('of requests that all fail', async () => {
    const { code, verdict } = await climbed({
      'task.yaml': yaml('goals: { accuracy: ">= 0.9" }').replace(
        '{ kind: fake, otherwise: billing,',
        '{ kind: replay, file: none.jsonl, match: input, answer: a,',
      ),
      'none.jsonl': '{"input": "something else", "a": "billing"}\n',
      'examples.jsonl': rows(120),
    });
    expect(verdict.sentence).toContain('No request brought an answer');
    expect([3, 4]).toContain(code);
  });

  it('at a volume of 10^12 a month, and at none', async () => {
    for (const volume of ['1000000000000', '0']) {
      const { code, verdict } = await climbed({
        'task.yaml': yaml(
          `goals: { accuracy: ">= 0.4" }\ntraffic: { requestsPerMonth: ${volume} }\ncosts: { rungs: { structured: { hostingPerMonth: 100 } } }`,
        ),
        'examples.jsonl': rows(200),
      });
      expect(code).toBe(0);
      expect(verdict.chosen.rung).toBe('zero-shot');
    }
  });

  it('without any price', async () => {
    const { verdict } = await climbed({
      'task.yaml': yaml('').replace(', price: { perRequest: 0.001 }', ''),
      'examples.jsonl': rows(120),
    });
    expect(verdict.status).toBe('met');
  });

  it('of two rows', async () => {
    const { code, verdict } = await climbed({
      'task.yaml': textYaml('yes', 'exact: ">= 0.9"'),
      'examples.jsonl': rows(2, () => ({ expected: 'yes' })),
    });
    expect(code).toBe(4);
    expect(verdict.undecided.rows).toBeGreaterThan(0);
  });

  it('with a metric of the user that gives NaN, and one that throws', async () => {
    const { verdict, stdout } = await climbed({
      'task.ts': `export default {
        name: 'edge', instructions: 'Say which team.', output: { labels: ['billing', 'shipping'] }, examples: 'examples.jsonl',
        providers: { always: { kind: 'fake', otherwise: 'billing' } }, models: { base: 'always/one' }, ladder: ['zero-shot'],
        metrics: [
          { id: 'odd', summary: '', better: 'higher', scale: 'mean', onError: 0, score: (example) => ({ value: example.expected === 'billing' ? 1 : Number.NaN }) },
          { id: 'broken', summary: '', better: 'higher', scale: 'mean', onError: 0, score() { throw new Error('no such field'); } },
        ],
      };`,
      'examples.jsonl': rows(60),
    });
    expect(verdict.rungs[0].metrics.odd).toMatchObject({ value: 1, n: 30 });
    expect(verdict.rungs[0].metrics.broken).toBeUndefined();
    expect(stdout.replace(/\s+/g, ' ')).toContain('the metric odd gave no usable number for 30 rows');
    expect(stdout.replace(/\s+/g, ' ')).toContain('no such field');
  });
});
