import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rung } from './command-line.fixture.ts';
import { taskFolder } from './task-folder.fixture.ts';

const root = join(import.meta.dirname, '..');
const examples = join(root, 'docs', 'examples', 'cost');
const longPrompt = '--prompt-tokens 500 --user-tokens 50 --output-tokens 200 --requests 500000'.split(' ');
const prices = '--input-price 0.15 --output-price 0.60'.split(' ');

async function json(...args: string[]) {
  const { code, stdout, stderr } = await rung(['cost', ...args, '--json'], { workingFolder: root });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe('the worked examples, to the cent', () => {
  it('a prompt of 500 tokens against twice the price: 101.25 and 127.50 a month, and no break-even', async () => {
    const expected = {
      approaches: [
        { name: 'system prompt', perRequest: 0.0002025, perMonth: 101.25, firstMonth: 101.25, horizon: 1215 },
        { name: 'fine-tuned', perRequest: 0.000255, perMonth: 127.5, firstMonth: 157.5, horizon: 1560 },
      ],
      pairs: [{ from: 'system prompt', to: 'fine-tuned', breakEvenRequests: null, paybackMonths: null }],
      cheapest: 'system prompt',
      crossovers: [],
    };
    expect(await json(join(examples, 'long-prompt.json'))).toMatchObject(expected);
    const flags = await json(...longPrompt, ...prices, '--tuned-price-factor', '2', '--training', '30');
    expect(flags).toMatchObject(expected);
    expect(flags.catchUp).toEqual({
      tunedPriceFactor: 1.58823529412,
      promptTokens: 850,
      selfHostedPerMonth: 101.25,
      selfHostedPerMonthWithStart: 98.75,
    });
  });

  // by hand, for ten turns: 10 prompts and 45 earlier turns of 250 tokens are sent again
  it('conversations of ten turns at twice the price are further from it, not nearer', async () => {
    const { approaches, pairs, catchUp } = await json(...longPrompt, ...prices, '--tuned-price-factor', '2', '--turns', '10');
    const input = 10 * 500 + 10 * 50 + 45 * 250;
    expect(approaches[0].perRequest).toBeCloseTo((input * 0.15 + 2000 * 0.6) / 1e6, 12);
    expect(approaches[1].perRequest).toBeCloseTo(((input - 5000) * 0.3 + 2000 * 1.2) / 1e6, 12);
    expect(approaches.map((each: { perMonth: number }) => each.perMonth)).toEqual([1856.25, 2962.5]);
    expect(pairs[0].breakEvenRequests).toBeNull();
    expect(catchUp).toMatchObject({ tunedPriceFactor: 1.25316455696, promptTokens: 1975, selfHostedPerMonth: 1856.25 });
  });

  it('at the same price a longer conversation does bring the break-even nearer', async () => {
    const breakEven = async (turns: string) =>
      (await json(...longPrompt, ...prices, '--tuned-price-factor', '1', '--training', '30', '--turns', turns)).pairs[0].breakEvenRequests;
    expect(await breakEven('1')).toBe(400_000);
    expect(await breakEven('10')).toBe(40_000);
  });

  it('3,500 tokens against 1,700: 277,778 requests, more than two years at 10,000 a month', async () => {
    const { approaches, pairs } = await json(join(examples, 'half-the-tokens.json'));
    expect(approaches.map((each: { perRequest: number }) => each.perRequest)).toEqual([0.035, 0.017]);
    expect(Math.round(pairs[0].breakEvenRequests)).toBe(277_778);
    expect(pairs[0].paybackMonths).toBeCloseTo(27.78, 2);
  });

  it('at a million requests a month saves 18,000; 13,000 is the first month alone, less the training', async () => {
    const { approaches } = await json(join(examples, 'half-the-tokens.json'), '--requests', '1000000');
    expect(approaches[0].perMonth - approaches[1].perMonth).toBe(18_000);
    expect(approaches[0].firstMonth - approaches[1].firstMonth).toBe(13_000);
  });

  it('100,000 requests with short answers: 2,700 against 120, 140 in the first month, break-even after 775.2', async () => {
    const { approaches, pairs, parts } = await json(join(examples, 'short-answers.json'));
    expect(approaches.map((each: { perMonth: number; firstMonth: number }) => [each.perMonth, each.firstMonth])).toEqual([
      [2700, 2700],
      [120, 140],
    ]);
    expect(parts[1].oneTime).toBe(20);
    expect(pairs[0].breakEvenRequests).toBeCloseTo(775.19, 2);
    expect((await rung(['cost', join(examples, 'short-answers.json')])).stdout).toContain('after 775.2 requests');
  });
});

describe('docs/costs.md', () => {
  const page = readFileSync(join(root, 'docs', 'costs.md'), 'utf8');
  const blocks = [...page.matchAll(/```console\n\$ npx rung ([^\n]*)\n([\s\S]*?)```/g)].map((match) => [match[1]!, match[2]!]);

  it('has a block for every example', () => {
    expect(blocks).toHaveLength(7);
  });

  it.each(blocks)('%s prints what the page shows', async (command, output) => {
    const { code, stdout } = await rung(command.split(' '), { workingFolder: root });
    expect(code).toBe(0);
    expect(stdout).toBe(output);
  });
});

describe('rung cost TASK', () => {
  const task = {
    name: 't',
    instructions: 'Say which.',
    output: { labels: ['a', 'b'] },
    examples: 'examples.jsonl',
    metrics: ['accuracy'],
    traffic: { requestsPerMonth: 1000, turns: 2, requirementChangesPerMonth: 0.5, horizonMonths: 12 },
    costs: { wrongAnswer: 0.01, label: 0.1, engineeringHour: 50, rungs: { 'fine-tuned': { hostingPerMonth: 7 } } },
    ladder: ['zero-shot', 'fine-tuned', 'few-shot'],
  };
  const rungOf = (name: string, costPer1k: number | undefined, dollars: number, accuracy: number, horizonCost: number | undefined) => ({
    rung: name,
    candidate: `c_${name}`,
    model: 'nano',
    metrics: { accuracy: { value: accuracy, low: accuracy - 0.05, high: accuracy + 0.05, n: 100, method: 'wilson' } },
    setup: { dollars, seconds: 1 },
    costPer1k,
    horizonCost,
    service:
      costPer1k === undefined
        ? undefined
        : { costPer1k: { value: costPer1k, low: costPer1k * 0.9, high: costPer1k * 1.1, n: 100, method: 't' } },
  });
  const decision = {
    schema: 'rung.verdict/1',
    task: 't',
    chosen: { rung: 'fine-tuned', candidate: 'c_fine-tuned' },
    criteria: { confidence: 0.95, split: { train: 200, validation: 10, test: 100 } },
    rungs: [
      // 24,000 calls at 0.002, a fifth of them wrong at 0.01
      rungOf('zero-shot', 2, 0, 0.8, 48 + 48),
      // set-up 30 and 200 labels at 0.10; 12 months of 7 and half of 30; 24,000 calls at 0.001, a tenth wrong at 0.01
      rungOf('fine-tuned', 1, 30, 0.9, 50 + 12 * (7 + 15) + 24 + 24),
      rungOf('few-shot', undefined, 0, 0.8, undefined),
    ],
    breakEven: [{ from: 'c_zero-shot', to: 'c_fine-tuned', requests: 4000, low: 2000, high: null }],
  };
  const files = { 'task.yaml': JSON.stringify(task), 'examples.jsonl': '{"input": "x", "expected": "a"}\n' };
  const folder = () => taskFolder({ ...files, 'decision.json': JSON.stringify(decision) });

  it('takes the measured costs with their interval, and the task’s traffic and costs', async () => {
    const result = await json(await folder());
    expect(result).toMatchObject({
      requestsPerMonth: 1000,
      approaches: [
        { name: 'zero-shot', perRequest: 0.004, perMonth: 8, horizon: 96 },
        { name: 'fine-tuned', perRequest: 0.002, perMonth: 26, firstMonth: 76, horizon: 362 },
      ],
      parts: [{ wrongPerRequest: 0.004 }, { wrongPerRequest: 0.002, oneTime: 50, monthlyFixed: 22 }],
      cheapest: 'zero-shot',
      chosen: 'fine-tuned',
      breakEven: [{ from: 'zero-shot', to: 'fine-tuned', requests: 2000, low: 1000, high: null }],
      notes: ['few-shot is left out: its price is not known.'],
    });
    const zeroShot = result.intervals[0];
    expect(zeroShot).toMatchObject({ name: 'zero-shot', n: 100, method: 't' });
    expect(zeroShot.perRequest).toEqual({ low: expect.closeTo(0.0036, 12), high: expect.closeTo(0.0044, 12) });
    // calls at 0.0018 to 0.0022, and 15 to 25 % wrong
    expect(zeroShot.horizon).toEqual({ low: expect.closeTo(24 * 1.8 + 36, 6), high: expect.closeTo(24 * 2.2 + 60, 6) });
  });

  it('asks what another volume or horizon would cost', async () => {
    const result = await json(await folder(), '--requests', '10000', '--horizon', '1', '--wrong-answer', '0');
    expect(result.approaches.map((each: { horizon: number }) => each.horizon)).toEqual([40, 50 + 22 + 20]);
    expect(result.breakEven).toEqual([]);
  });

  it('shows intervals with their method, and what the decision chose', async () => {
    const { stdout } = await rung(['cost', await folder()]);
    expect(stdout).toContain('95 %, n 100, t');
    expect(stdout).toContain('the decision chose fine-tuned');
  });

  it.each([
    ['without a decision', files, /decision\.json: The decision file cannot be read.*rung climb/],
    ['with another document', { ...files, 'decision.json': '{}' }, /decision\.json: The decision does not fit: schema/],
    [
      'without a price',
      { ...files, 'decision.json': JSON.stringify({ ...decision, rungs: [decision.rungs[2]] }) },
      /no rung whose cost is known.*prices/,
    ],
  ])('%s says what to do', async (_, content, sentence) => {
    const { code, stderr } = await rung(['cost', await taskFolder(content)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('rung cost with a price book', () => {
  const book = {
    schema: 'rung.prices/1',
    asOf: '2026-02-01',
    entries: [
      {
        model: 'acme/small',
        provider: 'acme',
        inputPerMillion: 0.15,
        outputPerMillion: 0.6,
        tunedPriceFactor: 2,
        trainingPerMillion: 3,
        retiresOn: '2027-06-30',
        source: 'acme.example/prices',
        asOf: '2026-01-31',
      },
      {
        model: 'acme/large',
        provider: 'acme',
        inputPerMillion: 0.15,
        outputPerMillion: 0.6,
        hostingPerHour: 2,
        source: 'acme.example',
        asOf: '2026-01-31',
      },
    ],
  };

  it('takes prices from the file, and says where they came from and when the model is switched off', async () => {
    const folder = await taskFolder({ 'prices.json': JSON.stringify(book) });
    const args = [...longPrompt, '--model', 'small', '--training-tokens', '1e6', '--epochs', '10', '--prices', join(folder, 'prices.json')];
    const result = await json(...args);
    expect(result.approaches).toMatchObject([{ perMonth: 101.25 }, { perMonth: 127.5, firstMonth: 157.5 }]);
    const notes = result.notes.join(' ');
    expect(notes).toContain('2026-01-31');
    expect(notes).toContain('acme.example/prices');
    expect(notes).toContain('switched off on 2027-06-30');
  });

  it('bills no tokens where the book has a tuned model hosted by the hour', async () => {
    const folder = await taskFolder({ 'prices.json': JSON.stringify(book) });
    const result = await json(...longPrompt, '--model', 'large', '--prices', join(folder, 'prices.json'));
    expect(result.approaches[1]).toMatchObject({ perRequest: 0, perMonth: 1460 });
    expect(result.notes[0]).toContain('$2 an hour');
  });

  it.each([
    ['an unknown model', ['--model', 'acme/huge'], /no model named "acme\/huge".*--input-price/],
    ['a model whose price no source gave', ['--model', 'gpt-4.1-nano'], /--input-price is missing.*openai\/gpt-4\.1-nano/],
  ])('%s is told', async (_, flags, sentence) => {
    const { code, stderr } = await rung(['cost', ...longPrompt, ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('rung cost, used wrongly', () => {
  it.each([
    ['nothing', [], /Nothing was named.*rung cost --prompt-tokens 500/],
    ['no volume', ['--prompt-tokens', '5'], /--requests is missing/],
    ['no tokens', ['--requests', '5', ...prices], /--prompt-tokens, --user-tokens or --output-tokens is missing/],
    ['a horizon of 0', [...longPrompt, ...prices, '--horizon', '0'], /--horizon must be a number more than 0, and it is "0"/],
    ['a negative price', [...longPrompt, '--input-price', '-1'], /--input-price must be a number from 0 to 10\^15, and it is "-1"/],
    ['no output price', [...longPrompt, '--input-price', '1'], /--output-price is missing/],
    ['half a turn', [...longPrompt, ...prices, '--turns', '1.5'], /--turns must be a whole number/],
    ['a share in percent', [...longPrompt, ...prices, '--accuracy', '95'], /--accuracy must be a number from 0 to 1/],
    ['a file and a description', [join(examples, 'long-prompt.json'), '--training', '3'], /--training cannot go with/],
    ['no such file', ['nowhere.json'], /nowhere\.json: The scenario file cannot be read/],
  ])('%s is a sentence', async (_, args, sentence) => {
    const { code, stderr, stdout } = await rung(['cost', ...args]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  it.each(['0', '1', '1e12', '1e15'])('%s requests a month show no NaN and no Infinity', async (requests) => {
    const args = [
      'cost',
      ...longPrompt.slice(0, -1),
      requests,
      ...prices,
      '--training',
      '30',
      '--turns',
      '10000',
      '--wrong-answer',
      '9e14',
    ];
    const shown = await rung([...args, '--accuracy', '0', '--tuned-accuracy', '1']);
    expect(shown.code).toBe(0);
    expect(shown.stdout).not.toMatch(/NaN|Infinity|undefined/);
  });
});
