import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ChatRequestBody, type FaultServer, startFaultServer } from '../src/testing.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

/** What the server answers, by the model's name. */
const characters: Readonly<Record<string, (request: ChatRequestBody) => string>> = {
  leaks: ({ messages }) => messages.find(({ role }) => role === 'system')?.content ?? '',
  refuses: () => "I'm sorry, but I can't help with that.",
  drifts: ({ messages }) => (messages.filter(({ role }) => role === 'user').length < 5 ? 'Thanks. Next step: rest.' : 'hustle!'),
  steady: () => 'Thanks. Next step: rest.',
};

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer({ answer: (request) => characters[request.model]!(request) });
});
afterAll(() => server.close());

const persona = `name: Coach
role: productivity coach
traits: [brief]
responsePattern: [thank the user for the update]
vocabulary: { use: [], avoid: [hustle] }
rules: ["use one of: next step"]
examples: []
`;

function folderFor(base: keyof typeof characters): Promise<string> {
  return taskFolder({
    'task.yaml': `name: coach
instructions: Answer the update as a kind and patient coach.
output: { text: true }
persona: persona.yaml
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${server.baseUrl}" } }
models: { base: local/${base} }
metrics: [persona]
ladder: [zero-shot, structured]
`,
    'persona.yaml': persona,
    'examples.jsonl': jsonLines(
      Array.from({ length: 60 }, (_, i) => ({ input: `Sent report ${i}, the draft is open.`, expected: 'Next step: rest.' })),
    ),
  });
}

async function probe(...args: string[]) {
  const { code, stdout, stderr } = await rung(['probe', ...args, '--json']);
  return { code, stderr, report: code === 0 ? JSON.parse(stdout) : undefined, stdout };
}

it('tells a server that gives its prompt away from one that does not', async () => {
  const { report } = await probe('leak', await folderFor('leaks'));
  expect(report).toMatchObject({ probe: 'leak', task: 'coach', rung: 'zero-shot', model: 'local/leaks', series: [] });
  expect(report.candidate).toMatch(/^c_[0-9a-f]{12}$/);
  expect(report.metrics.leakResistance).toMatchObject({ value: 0, low: 0, method: 'wilson, 12 clusters' });
  expect(report.metrics.promptOverlap.value).toBeGreaterThan(0.9);
  expect(report.cases[0].reason).toMatch(/whole lines? of the prompt/);
  const steady = (await probe('leak', await folderFor('steady'))).report;
  expect(steady.metrics.leakResistance.value).toBe(1);
});

it('tells a server that refuses everything from one that is of use', async () => {
  const { report } = await probe('jailbreak', await folderFor('refuses'), '--option', 'questions=1');
  expect(report.metrics.jailbreakResistance.value).toBe(1);
  expect(report.metrics.overRefusal).toMatchObject({ value: 1, high: 1 });
  const steady = (await probe('jailbreak', await folderFor('steady'), '--option', 'questions=1')).report;
  expect(steady.metrics.overRefusal.value).toBe(0);
});

it('follows a server that drifts, buys no answer twice, and draws the curve', async () => {
  const folder = await folderFor('drifts');
  const args = ['drift', folder, '--candidate', 'structured', '--option', 'turns=10', '--option', 'conversations=4'];
  const { report } = await probe(...args);
  expect(report.rung).toBe('structured');
  expect(report.series.map(({ x, value, n }: { x: number; value: number; n: number }) => [x, value, n])).toEqual([
    [1, 1, 4],
    [5, 0, 4],
    [10, 0, 4],
  ]);
  expect(report.metrics.consistency.value).toBeCloseTo(1 / 3, 10);
  expect(report.spent.calls).toBeGreaterThan(30);

  const again = (await probe(...args)).report;
  expect(again.spent.calls).toBe(0);
  expect({ ...again, spent: 0 }).toEqual({ ...report, spent: 0 });

  const byId = (await probe('drift', folder, '--candidate', report.candidate, '--option', 'turns=10', '--option', 'conversations=4'))
    .report;
  expect(byId.metrics).toEqual(report.metrics);

  const shown = await rung(['probe', ...args]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^ 1 │.*●│ 100\.0 %/m);
  expect(shown.stdout).toMatch(/^10 │●.*│ 0\.0 %/m);
  expect(shown.stdout).toContain('✗ conversation 1: 1.00 at turn 1, 0.00 at turn 10');
  expect(shown.stdout).not.toContain('\u001b');
});

it('measures wording and time over the same wire', async () => {
  const folder = await folderFor('steady');
  const format = (await probe('format', folder, '--option', 'rows=3')).report;
  expect(format.metrics).toMatchObject({ robustAccuracy: { value: 1 }, formatFragility: { value: 0 } });
  const latency = (await probe('latency', folder, '--option', 'requests=2', '--option', 'lengths=0,50', '--option', 'loads=2')).report;
  expect(latency.series.map(({ measure, n }: { measure: string; n: number }) => [measure, n])).toEqual([
    ['withinLimit', 2],
    ['withinLimit', 2],
    ['totalMs', 2],
    ['totalMs', 2],
    ['totalMsAtLoad', 2],
  ]);
  expect(latency.latencyMs.p50.n).toBe(4);
});

it('keeps to a budget of calls, and goes on from what was answered', async () => {
  const folder = await folderFor('steady');
  const before = server.totals().delivered;
  const { code, stdout } = await probe('leak', folder, '--max-calls', '5');
  expect(code).toBe(6);
  expect(JSON.parse(stdout).error.code).toBe('budget-ended');
  expect(server.totals().delivered - before).toBe(5);
  const { report } = await probe('leak', folder);
  expect(report.spent.calls + 5).toBe(server.totals().delivered - before);
});

it('says what there is where a probe, a rung, an option or a flag is not', async () => {
  const folder = await folderFor('steady');
  const failing = async (...args: string[]) => {
    const { code, stderr } = await rung(['probe', ...args]);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await failing('nonsense', folder)).toMatch(
    /no probe named "nonsense"[\s\S]*drift, forgetting, format, jailbreak, latency, leak, memorisation/,
  );
  expect(await failing('leak', folder, '--candidate', 'nonsense')).toMatch(/named "nonsense"[\s\S]*zero-shot, structured/);
  expect(await failing('leak', folder, '--option', 'speed=3')).toMatch(/no option "speed"[\s\S]*questions/);
  expect(await failing('drift', folder, '--option', 'turns=many')).toMatch(/option turns[\s\S]*a whole number from 1/);
  expect(await failing('drift', folder, '--option', 'turns')).toMatch(/--option turns=50/);
  expect(await failing('drift', folder, '--option', 'pairs=none.jsonl')).toMatch(/cannot be read/);
});
