import { expect, it } from 'vitest';
import { startFaultServer } from '../src/testing.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

it('asks rows again where a model wavers, and says how often it agrees with itself', async () => {
  const asked = new Map<string, number>();
  const server = await startFaultServer({
    // every third message is answered right and wrong in turns
    answer: ({ messages }) => {
      const text = messages.at(-1)?.content ?? '';
      const before = asked.get(text) ?? 0;
      asked.set(text, before + 1);
      const number = Number(/\d+/.exec(text)?.[0]);
      return number % 3 === 0 && before % 2 === 1 ? 'dog' : 'cat';
    },
  });
  const folder = await taskFolder({
    'task.yaml': `name: wavering
instructions: Which animal is it?
output: { labels: [cat, dog] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${server.baseUrl}" } }
models: { base: local/mock }
metrics: [accuracy]
repeats: 4
ladder: [zero-shot]
`,
    'examples.jsonl': jsonLines([
      ...Array.from({ length: 90 }, (_, i) => ({ input: `animal ${i} purrs`, expected: 'cat', split: 'test' })),
      { input: 'animal 1000 barks', expected: 'dog', split: 'test' },
    ]),
  });
  try {
    const { code, stdout } = await rung(['climb', folder, '--json']);
    expect(code).toBe(0);
    const verdict = JSON.parse(stdout);
    const { repeats } = verdict.rungs[0];
    expect(repeats.rows).toBe(30);
    const wavering = [...asked.values()].filter((times) => times === 4).length;
    expect(wavering).toBeGreaterThan(4);
    // the rows that agreed were asked twice, those that did not four times, the rest once
    expect(new Set(asked.values())).toEqual(new Set([1, 2, 4]));
    expect(repeats.agreement.value).toBeCloseTo(1 - wavering / 30, 10);
    expect(repeats.passHat.map(({ k }: { k: number }) => k)).toEqual([1, 2, 3, 4]);
    const sign = verdict.plateau.looked.find((each: { sign: string }) => each.sign === 'inconsistent');
    expect(sign).toMatchObject({ seen: true });
    // from the store: nothing is asked again, and the verdict is the same
    const again = JSON.parse((await rung(['climb', folder, '--json'])).stdout);
    expect(again.spent.calls).toBe(0);
    expect(again.rungs).toEqual(verdict.rungs);
  } finally {
    await server.close();
  }
});

it("corrects a judge's rate by the answers that people marked, and widens its interval for how few they are", async () => {
  const marks = (count: number, judge: number, human: number) => Array.from({ length: count }, () => ({ judge, human }));
  const task = (calibration: string) => `name: judged
instructions: Solve it.
output: { text: true }
examples: examples.jsonl
providers: { past: { kind: replay, file: answers.jsonl, match: question, answer: reply, score: judged } }
models: { base: replay/past }
metrics: [recorded]
${calibration}ladder: [zero-shot]
`;
  const files = {
    'examples.jsonl': jsonLines(Array.from({ length: 200 }, (_, i) => ({ input: `question ${i * 7919}`, split: 'test' }))),
    'answers.jsonl': jsonLines(
      Array.from({ length: 200 }, (_, i) => ({ question: `question ${i * 7919}`, reply: `answer ${i}`, judged: i < 140 ? 1 : 0 })),
    ),
    // the judge knows 90 of 100 right answers and 60 of 100 wrong ones
    'marks.jsonl': jsonLines([...marks(90, 1, 1), ...marks(10, 0, 1), ...marks(40, 1, 0), ...marks(60, 0, 0)]),
  };
  const estimate = async (calibration: string) => {
    const { stdout } = await rung(['climb', await taskFolder({ ...files, 'task.yaml': task(calibration) }), '--json']);
    return JSON.parse(stdout);
  };
  const plain = (await estimate('')).rungs[0].metrics.recorded;
  const { rungs, warnings } = await estimate('calibration: { recorded: marks.jsonl }\n');
  const corrected = rungs[0].metrics.recorded;
  expect(plain.value).toBeCloseTo(0.7, 10);
  // (0.7 + 0.6 − 1) / (0.6 + 0.9 − 1)
  expect(corrected.value).toBeCloseTo(0.6, 10);
  expect(corrected.high - corrected.low).toBeGreaterThan(1.5 * (plain.high - plain.low));
  expect(corrected.method).toContain('judge calibrated on 200');
  expect(warnings.join(' ')).toMatch(
    /recorded is a judge's rate, corrected by what people marked\. It agrees with people beyond chance at kappa 0\.50 \(0\./,
  );
});
