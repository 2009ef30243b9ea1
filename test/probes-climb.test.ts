import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VerdictRung } from '../src/core/verdict.ts';
import { type ChatRequestBody, type FaultServer, startFaultServer } from '../src/testing.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const right = 'Thanks. Next step: rest.';

/** What the server answers, by the model's name. */
const characters: Readonly<Record<string, (request: ChatRequestBody) => string>> = {
  steady: () => right,
  drifts: ({ messages }) => (messages.filter(({ role }) => role === 'user').length < 2 ? right : 'Whatever.'),
  wrong: () => 'Whatever.',
};

let server: FaultServer;
let onRequest: (() => void) | undefined;
beforeAll(async () => {
  server = await startFaultServer({
    answer(request) {
      onRequest?.();
      return characters[request.model]!(request);
    },
  });
});
afterAll(() => server.close());

function folderFor({
  goals,
  ladder = ['steady'],
  probes = 'drift: { turns: 2, conversations: 20 }, jailbreak: { questions: 1 }',
}: {
  goals: string;
  ladder?: readonly (keyof typeof characters)[];
  probes?: string;
}): Promise<string> {
  return taskFolder({
    'task.yaml': `name: coach
instructions: Answer the update.
output: { text: true }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${server.baseUrl}" } }
models: { base: local/steady, drifts: local/drifts, wrong: local/wrong }
metrics: [exact]
goals: { exact: ">= 0.7", ${goals} }
probes: { ${probes} }
ladder: [${ladder.map((name) => `{ rung: zero-shot, name: ${name}, model: ${name === 'steady' ? 'base' : name} }`).join(', ')}]
floor: 0
`,
    'examples.jsonl': jsonLines(Array.from({ length: 60 }, (_, i) => ({ input: `Sent report ${i}, the draft is open.`, expected: right }))),
  });
}

async function climb(folder: string, ...flags: string[]) {
  const { code, stdout, stderr } = await rung(['climb', folder, '--json', ...flags]);
  return { code, stderr, verdict: JSON.parse(stdout) };
}

it('chooses by goals that only probes can tell, and writes down what they found', async () => {
  const folder = await folderFor({ goals: 'consistency: ">= 0.8", jailbreakResistance: ">= 0.8"', ladder: ['drifts', 'steady'] });
  const { code, verdict, stderr } = await climb(folder);
  expect(code).toBe(0);
  expect(verdict.chosen.rung).toBe('steady');
  const goals = Object.fromEntries(verdict.rungs.map((each: VerdictRung) => [each.rung, each.goals]));
  expect(goals).toEqual({
    drifts: { exact: 'met', consistency: 'not-met', jailbreakResistance: 'met' },
    steady: { exact: 'met', consistency: 'met', jailbreakResistance: 'met' },
  });
  expect(verdict.rungs[0].metrics.consistency).toMatchObject({ value: 0.5, n: 40 });
  expect(verdict.rungs[1].goalBounds.consistency).toMatchObject({ n: 40, method: 'clopper-pearson, 20 clusters' });
  expect(verdict.rungs[1].probes.map(({ probe }: { probe: string }) => probe)).toEqual(['drift', 'jailbreak']);
  expect(verdict.rungs[1].probes[0]).not.toHaveProperty('cases');
  expect(verdict.comparison).toMatchObject([
    { rung: 'drifts', kind: 'prompt', consistency: { value: 0.5 }, robustness: { value: 1 } },
    { rung: 'steady', kind: 'prompt', consistency: { value: 1 }, robustness: { value: 1 } },
  ]);
  expect(stderr).toContain('steady: probe jailbreak');

  const record = await readFile(join(folder, 'decision.md'), 'utf8');
  expect(record).toMatch(/## Probes[\s\S]*\| drift \| consistency \| 50 % \(.*n 40\) \| 100 % /);
  expect(record).toMatch(/## Comparison[\s\S]*\| steady \(\*\*chosen\*\*\) \| prompt \|/);
  const shown = await rung(['climb', folder]);
  expect(shown.stdout).toMatch(/ {2}probed +consistency +jailbreakResistance\n {2}drifts +✗ 50\.0 %.*n 40\)/);
  expect(shown.stdout).toMatch(/ {2}compared +kind +consistency +robustness/);
  expect((await rung(['record', 'check', folder])).code).toBe(0);
});

it('leaves a verdict open where a probe asked too little, and says how many answers would tell', async () => {
  const folder = await folderFor({ goals: 'overRefusal: "<= 0.05"', probes: 'jailbreak: { questions: 1 }' });
  const { code, verdict } = await climb(folder);
  expect(code).toBe(4);
  expect(verdict.undecided).toMatchObject({ rung: 'steady', rows: null, answers: [{ probe: 'jailbreak' }] });
  // no refusal among so many leaves 5 % outside at an error of 2.5 % (Clopper and Pearson 1934)
  const { n } = verdict.rungs[0].metrics.overRefusal;
  expect(verdict.undecided.answers[0].more + n).toBe(Math.ceil(Math.log(0.025) / Math.log(0.95)));
  expect(verdict.undecided.why).toContain(
    'more judged answers of the probe jailbreak would decide whether steady meets overRefusal of at most 5 %',
  );
});

it('does not probe what was stopped for missing a goal, but for --all', async () => {
  const examples = jsonLines(
    Array.from({ length: 300 }, (_, i) => ({ input: `Sent report ${i}.`, expected: right, split: i < 250 ? 'test' : 'validation' })),
  );
  const folder = await folderFor({ goals: 'jailbreakResistance: ">= 0.8"', ladder: ['wrong'], probes: 'jailbreak: { questions: 1 }' });
  await writeFile(join(folder, 'examples.jsonl'), examples);
  const { code, verdict } = await climb(folder);
  expect(code).toBe(3);
  expect(verdict.rungs[0].goals).toEqual({ exact: 'not-met', jailbreakResistance: 'undecided' });
  expect(verdict.warnings).toContain('wrong was not probed since measuring stopped early; --all probes every rung.');
  const whole = (await climb(folder, '--all')).verdict;
  expect(whole.rungs[0].goals.jailbreakResistance).toBe('met');
});

it('buys nothing twice where a probe was interrupted, or its budget ended', async () => {
  const goals = 'jailbreakResistance: ">= 0.8"';
  const delivered = async (run: () => Promise<unknown>) => {
    const before = server.totals().delivered;
    await run();
    return server.totals().delivered - before;
  };
  const probes = 'jailbreak: { questions: 1 }';
  const all = await delivered(async () => climb(await folderFor({ goals, probes })));
  const rows = 21;
  expect(all).toBeGreaterThan(rows + 40);

  const budgeted = await folderFor({ goals, probes });
  const first = await delivered(async () => {
    expect((await climb(budgeted, '--max-calls', String(rows + 10))).code).toBe(6);
  });
  expect(first).toBe(rows + 10);
  expect(await delivered(() => climb(budgeted))).toBe(all - first);

  const killed = await folderFor({ goals, probes });
  let interrupt: (() => void) | undefined;
  let asked = 0;
  onRequest = () => {
    if (++asked === rows + 5) interrupt?.();
  };
  const before = await delivered(async () => {
    const { code } = await rung(['climb', killed, '--concurrency', '2'], { onInterrupt: (listener) => (interrupt = listener) });
    expect(code).toBe(130);
  });
  onRequest = undefined;
  expect(before).toBeLessThan(all);
  expect(await delivered(() => climb(killed))).toBe(all - before);
});

it('counts the calls of probes beforehand, and names what it cannot read in the task', async () => {
  const goals = 'consistency: ">= 0.8", jailbreakResistance: ">= 0.8"';
  const folder = await folderFor({ goals });
  const plan = JSON.parse((await rung(['climb', folder, '--dry-run', '--json'])).stdout);
  expect(plan.rungs[0].probes.map(({ probe }: { probe: string }) => probe)).toEqual(['drift', 'jailbreak']);
  expect(plan.rungs[0].probes[0].calls).toBe(40);
  // some conversations open with the same question, which is asked once
  const { spent } = (await climb(folder)).verdict;
  expect(plan.total.calls).toBe(spent.calls + spent.cached);

  const failing = async (changes: Parameters<typeof folderFor>[0]) => {
    const { code, stderr } = await rung(['climb', await folderFor(changes)]);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await failing({ goals, probes: 'drfit: {}' })).toMatch(/task\.yaml:9: There is no probe named "drfit"\. Did you mean "drift"/);
  expect(await failing({ goals, probes: 'drift: { turns: many }' })).toMatch(/task\.yaml:9: The option turns of the probe drift/);
  expect(await failing({ goals: 'jailbrakResistance: ">= 0.8"' })).toMatch(/task\.yaml:8: .*Did you mean "jailbreakResistance"/);
});

it('puts a rung to all probes at once, and says beforehand what they would ask', async () => {
  const folder = await folderFor({
    goals: 'overRefusal: "<= 0.9"',
    probes: 'jailbreak: { questions: 1 }, latency: { requests: 2, lengths: [0], loads: [1] }',
  });
  const args = ['probe', 'all', folder];
  const dry = await rung([...args, '--dry-run']);
  expect(dry.stdout).toContain('coach: nothing was called. The probes would ask\n');
  expect(dry.stdout).toMatch(/probe jailbreak: at most \d+ calls/);
  const { code, stdout } = await rung([...args, '--json']);
  expect(code).toBe(0);
  const { probes } = JSON.parse(stdout) as { probes: { probe: string; options: unknown }[] };
  expect(probes.map(({ probe }) => probe)).toEqual(expect.arrayContaining(['drift', 'format', 'jailbreak', 'latency', 'leak']));
  expect(probes.find(({ probe }) => probe === 'jailbreak')?.options).toEqual({ questions: 1 });
  const refused = await rung([...args, '--option', 'questions=1']);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('under probes: in the task') });
});
