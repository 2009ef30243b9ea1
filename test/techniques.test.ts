import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import { randomFaults, startFaultServer } from '../src/testing.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'techniques.md'), 'utf8');
const ladder = /```yaml\n(ladder:[^`]*)```/.exec(page)?.[1] ?? '';

interface Request {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: unknown;
}

async function climbing(head: string, stream: boolean, rows: readonly unknown[], answer: (request: Request) => string) {
  const server = await startFaultServer({
    answer,
    faults: randomFaults({ seed: 3, probability: 0.05, faults: [{ kind: 'server-error' }, { kind: 'truncated' }], mostAttempts: 2 }),
  });
  const folder = await taskFolder({
    'task.yaml': `${head}
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${server.baseUrl}", jsonSchema: true, stream: ${stream}, concurrency: 8 } }
models: { base: local/mock }
prices: { local/mock: { inputPerMillion: 1, outputPerMillion: 1 } }
`,
    'examples.jsonl': jsonLines(rows),
  });
  const plugins = defaultPlugins();
  const plan = () => planTask({ task: folder, plugins, environment: {} });
  const climb = async () => {
    const options = { plugins, environment: {}, all: true, retryPolicy: { attempts: 4, firstWaitMs: 1, longestWaitMs: 2 } };
    return climbTask(await plan(), options, async ({ verdict }) => verdict);
  };
  return { server, climb };
}

/** Knows small numbers by heart; for others it must reason, or be shown or led. */
function parity({ messages }: Request): string {
  const system = messages[0]?.content ?? '';
  const turns = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  const asked = turns.findLast((text) => /^\d+$/.test(text)) ?? '0';
  const right = Number(asked) % 2 ? 'odd' : 'even';
  if (turns.at(-1)?.startsWith('Step 2')) return right;
  if (system.includes('Step 1')) return `The last digit is ${asked.at(-1)}.`;
  if (system.includes('"Answer:"')) return `It ends in ${asked.at(-1)}.\nAnswer: ${right}`;
  if (turns.at(-1)?.includes('cannot be used')) return right;
  if (system.startsWith('# ')) return Number(asked) % 3 === 0 ? 'Hard to say.' : 'even';
  return messages.length > 4 ? right : 'even';
}

it('climbs every technique against a failing server: calls counted, gains paired, nothing bought twice', async () => {
  const splits = ['train', 'train', 'validation', 'test', 'test'];
  const rows = Array.from({ length: 100 }, (_, i) => {
    return { id: `n${i}`, input: `${i}`, expected: i % 2 ? 'odd' : 'even', split: splits[(i >> 1) % 5] };
  });
  const head = `name: parity\ninstructions: Is the number even or odd?\noutput: { labels: [even, odd] }\nmetrics: [accuracy, format]\n${ladder}`;
  const { server, climb } = await climbing(head, false, rows, parity);
  try {
    const verdict = await climb();
    const measured = verdict.rungs.map(({ rung, metrics }) => [rung, metrics['accuracy']?.n, metrics['accuracy']?.value]);
    const structuredRight = rows.filter((row, i) => row.split === 'test' && (i % 3 === 0 || i % 2 === 0)).length / 40;
    expect(measured).toEqual([
      ['zero-shot', 40, 0.5],
      ['structured', 40, structuredRight],
      ['few-shot', 40, 1],
      ['many-shot', 40, 1],
      ['reasoning', 40, 1],
      ['decomposition', 40, 1],
      ['self-consistency', 40, 1],
    ]);
    for (const [index, rung] of verdict.rungs.entries()) {
      expect(rung.skipped).toBeUndefined();
      expect(rung.costPer1k).toBeGreaterThan(0);
      expect(rung.latencyMs?.p50).toBeGreaterThan(0);
      if (index === 0) continue;
      const below = verdict.rungs[index - 1]!;
      const value = rung.metrics['accuracy']!.value - below.metrics['accuracy']!.value;
      expect(rung.gain).toMatchObject({ over: below.candidate, n: 40, value: expect.closeTo(value, 9) });
      expect(rung.gain?.costPer1k).toMatchObject({ n: 40, value: expect.closeTo(rung.costPer1k! - below.costPer1k!, 9) });
      expect(rung.gain?.latencyMs).toMatchObject({ n: 40, method: 'order statistics' });
    }
    const withoutAnswer = rows.filter((row, i) => row.split === 'test' && i % 3 === 0).length;
    expect(verdict.rungs[1]?.stepFaults).toEqual([
      { step: 'attempt 1', rows: withoutAnswer, of: 40, why: 'It must name exactly one of: even, odd.' },
    ]);
    const told = verdict.reasoning.flatMap(({ lines }) => lines).join('\n');
    expect(told).toContain(`structured, the step "attempt 1": not usable in ${withoutAnswer} of 40 answers.`);
    expect(told).toMatch(/reasoning over many-shot, row by row: costs \$\S+ more \(95 % interval .+, n 40, t\) per 1,000 requests; takes /);
    const cost = (name: string) => verdict.rungs.find(({ rung }) => rung === name)?.costPer1k ?? 0;
    // three votes settle five that agree
    expect(cost('self-consistency')).toBeCloseTo(3 * cost('reasoning'), 9);
    expect(verdict.spent.failures).toBe(0);
    expect(verdict.spent.calls).toBe(server.totals().received);
    const callsOf = { 'zero-shot': 40, structured: 40 + withoutAnswer, 'few-shot': 40, 'many-shot': 40 + 20, reasoning: 40 };
    const inAll = Object.values(callsOf).reduce((sum, calls) => sum + calls, 0);
    // and two steps a row, three votes a row
    expect(server.totals().delivered).toBe(inAll + 2 * 40 + 3 * 40);

    const again = await climb();
    expect(again.spent).toMatchObject({ calls: 0, dollars: 0 });
    expect({ ...again, spent: undefined }).toEqual({ ...verdict, spent: undefined });
  } finally {
    await server.close();
  }
});

it('reasons freely and holds only the form to the schema, streaming', async () => {
  const schema =
    '{ type: object, required: [even, digits], additionalProperties: false, properties: { even: { type: boolean }, digits: { type: integer } } }';
  const rows = Array.from({ length: 20 }, (_, i) => {
    return { id: `n${i}`, input: `${i}`, expected: { even: i % 2 === 0, digits: `${i}`.length }, split: 'test' };
  });
  const head = `name: digits\ninstructions: Describe the number.\noutput: { schema: ${schema} }\nmetrics: [format, fieldAccuracy]
ladder: [zero-shot, reasoning, decomposition, { rung: self-consistency, votes: 3 }]`;
  const formats: boolean[] = [];
  const { server, climb } = await climbing(head, true, rows, ({ messages, response_format }) => {
    const system = messages[0]?.content ?? '';
    const number = messages.find(({ content }) => /^\d+$/.test(content))?.content ?? '';
    const facts = { even: Number(number) % 2 === 0, digits: number.length };
    formats.push(response_format !== undefined);
    if (system.includes('First think') && messages.at(-1)?.role === 'user' && messages.length === 2) return 'It has some digits.';
    const field = /only the field "(\w+)"/.exec(system)?.[1] as keyof typeof facts | undefined;
    return JSON.stringify(field === undefined ? facts : { [field]: facts[field] });
  });
  try {
    const verdict = await climb();
    for (const rung of verdict.rungs) expect(rung.metrics['format']).toMatchObject({ value: 1, n: 20 });
    // reasoning 2 calls, decomposition 2 fields, 2 votes of 2 calls, less the first vote's form: that reasoning's form is recorded
    expect(server.totals().delivered).toBe(20 * (1 + 2 + 2 + 3));
    expect(formats.filter((held) => !held).length).toBeGreaterThanOrEqual(20 * 3);
    expect((await climb()).spent).toMatchObject({ calls: 0, dollars: 0 });
  } finally {
    await server.close();
  }
});
