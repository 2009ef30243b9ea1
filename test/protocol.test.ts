import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { approaches } from '../src/approaches/index.ts';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import { probeTask } from '../src/probe-task.ts';
import { probes } from '../src/probes/index.ts';
import { openaiCompatible } from '../src/providers/openai-compatible.ts';
import { type ChatAnswer, type ChatRequestBody, type FaultServer, startFaultServer } from '../src/testing.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

/** How a server is spoken to: the settings of its entry, and what that makes of every request that holds a schema. */
const modes: Readonly<
  Record<string, { readonly settings: Readonly<Record<string, unknown>>; readonly asks: 'nothing' | 'format' | 'tool' }>
> = {
  plain: { settings: {}, asks: 'nothing' },
  streaming: { settings: { stream: true }, asks: 'nothing' },
  'JSON schema': { settings: { jsonSchema: true }, asks: 'format' },
  'JSON schema, streaming': { settings: { jsonSchema: true, stream: true }, asks: 'format' },
  tool: { settings: { jsonSchema: 'tool' }, asks: 'tool' },
  'tool, streaming': { settings: { jsonSchema: 'tool', stream: true }, asks: 'tool' },
  'log-probabilities': { settings: { logProbabilities: true }, asks: 'nothing' },
};

/** Every rung: what its entry on the ladder says beside its name, or why no server is asked. A new rung needs a line here. */
const rungs: Readonly<Record<string, Readonly<Record<string, unknown>> | string>> = {
  cascade: { strong: { rung: 'structured', model: 'base' }, confidence: 'votes' },
  decomposition: {},
  distilled: 'asks no model',
  'few-shot': { shots: 2 },
  'fine-tuned': 'trains weights, which src/trainers holds against the services that do',
  hybrid: 'is a fine-tuned one',
  optimized: { calls: 60, trials: 2 },
  'preference-tuned': 'trains weights, which src/trainers holds against the services that do',
  pretrained: 'trains weights, which src/trainers holds against the services that do',
  prompt: { version: 'first', overlays: ['winter'] },
  reasoning: {},
  retrieval: { passages: 1 },
  'self-consistency': { votes: 3 },
  structured: { repair: 1 },
  'zero-shot': {},
};

/** Every probe, with options that make it small, or why it is not put to a server. A new probe needs a line here. */
const probed: Readonly<Record<string, Readonly<Record<string, string | number>> | string>> = {
  drift: { turns: 3, conversations: 2 },
  forgetting: { rows: 2 },
  format: { rows: 2, variations: 'upper case,polite' },
  jailbreak: { questions: 1, families: 'base64,many shots' },
  latency: { lengths: '0,5', loads: '1,2', requests: 2 },
  leak: { questions: 1 },
  memorisation: 'asks about the rows that a model was trained on',
  overlay: { questions: 2 },
};

const schema =
  '{ type: object, required: [team, urgent], additionalProperties: false, properties: { team: { type: string, enum: [shipping, billing] }, urgent: { type: boolean } } }';
const rows = Array.from({ length: 24 }, (_, i) => {
  const facts = { team: i % 2 ? 'shipping' : 'billing', urgent: i % 3 === 0 };
  const input = `Ticket ${i}: about ${facts.team}${facts.urgent ? ', and it is urgent' : ''}.`;
  return { id: `t${i}`, input, expected: facts, split: (['train', 'validation', 'validation', 'test'] as const)[i % 4] };
});

/** Reads the ticket as it was asked to: the one field, the reasoning, or the whole form. */
function read({ messages }: ChatRequestBody): string {
  const texts = messages.map(({ content }) => content);
  const ticket = texts.findLast((text) => /Ticket \d+/i.test(text)) ?? '';
  const facts = { team: /shipping/i.test(ticket) ? 'shipping' : 'billing', urgent: /urgent/i.test(ticket) };
  const field = /only the field "(\w+)"/.exec(texts.join('\n'))?.[1] as keyof typeof facts | undefined;
  return JSON.stringify(field === undefined ? facts : { [field]: facts[field] });
}

/** Where a text lies: by the team that it is about. */
function meaningOf(text: string): number[] {
  return [/shipping|parcel/i.test(text) ? 1 : 0, /billing|invoice/i.test(text) ? 1 : 0, 0.1];
}

/** Rungs that look things up by meaning, with the same server's vectors. */
const searching = [
  { rung: 'retrieval', name: 'by-meaning', passages: 1, search: 'meaning', embeddings: 'meaning' },
  { rung: 'few-shot', name: 'nearest', shots: 2, selection: 'nearest', search: 'meaning', embeddings: 'meaning' },
];

let server: FaultServer | undefined;
afterEach(() => server?.close());

interface Speaking {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly answer?: (request: ChatRequestBody) => string | ChatAnswer;
}

/** A task folder whose model is such a server, and the bodies that it was asked with. */
async function serving({ settings, answer = read }: Speaking) {
  const bodies: ChatRequestBody[] = [];
  server = await startFaultServer({
    answer(request) {
      bodies.push(request);
      return answer(request);
    },
    jsonSchema: settings['jsonSchema'] === true,
    tools: settings['jsonSchema'] === 'tool',
    logProbabilities: settings['logProbabilities'] === true,
    embed: meaningOf,
  });
  const ladder = [
    ...searching,
    ...Object.entries(rungs).flatMap(([rung, options]) => (typeof options === 'string' ? [] : [{ rung, ...options }])),
  ];
  const folder = await taskFolder({
    'task.yaml': `name: tickets
instructions: Read the ticket.
output: { schema: ${schema} }
metrics: [fieldAccuracy, format]
examples: examples.jsonl
providers: { local: ${JSON.stringify({ kind: 'openai-compatible', baseUrl: server.baseUrl, ...settings })} }
models: { base: local/mock, meaning: local/text-embedding-mock }
prices: { local/mock: { inputPerMillion: 1, outputPerMillion: 1 }, local/text-embedding-mock: { inputPerMillion: 1 } }
ladder: ${JSON.stringify(ladder)}
`,
    'examples.jsonl': jsonLines(rows),
    'general.jsonl': jsonLines([{ input: 'Repeat: tea', expected: 'tea' }]),
  });
  for (const [name, text] of Object.entries({
    'prompts/first.md': '---\nschema: rung.prompt/1\n---\n# Task\n{{instructions}} Give JSON with team and urgent.\n',
    'overlays/winter.md': '---\nschema: rung.overlay/1\nchecks: ["use one of: shipping | billing"]\n---\n# Season\nIt is winter.\n',
    'knowledge/teams.md': '# Teams\n\nThe shipping team sends parcels.\n\nThe billing team writes invoices.\n',
  })) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const plugins = defaultPlugins();
  const environment = {};
  const plan = () => planTask({ task: folder, plugins, environment });
  const quick = { plugins, environment, retryPolicy: { attempts: 2, firstWaitMs: 1, longestWaitMs: 1 } };
  return {
    bodies,
    climb: async (only: readonly string[]) => {
      const planned = await planTask({ task: folder, plugins, environment, only });
      return climbTask(planned, { ...quick, all: true }, async ({ verdict, evidence }) => ({ verdict, evidence }));
    },
    probe: async (probe: string) => probeTask(await plan(), { ...quick, probe, options: optionsOf(probe), candidate: 'zero-shot', folder }),
  };
}

function optionsOf(probe: string): Readonly<Record<string, string | number>> {
  const options = probed[probe] ?? {};
  return typeof options === 'string' ? {} : options;
}

/** Every body says just what its mode allows. */
function expectMode(bodies: readonly ChatRequestBody[], { settings, asks }: (typeof modes)[string]): void {
  expect(bodies.length).toBeGreaterThan(0);
  for (const body of bodies) {
    expect(body.stream).toBe(settings['stream']);
    expect(body.stream_options).toEqual(settings['stream'] === true ? { include_usage: true } : undefined);
    if (asks !== 'format') expect(body).not.toHaveProperty('response_format');
    if (asks !== 'tool') expect(body).not.toHaveProperty('tools');
  }
}

it('covers every rung and every probe', () => {
  expect(Object.keys(rungs).sort()).toEqual(approaches.map(({ id }) => id).sort());
  expect(Object.keys(probed).sort()).toEqual(probes.map(({ id }) => id).sort());
  for (const { id, asksModel } of approaches) if (asksModel === false) expect(rungs[id]).toBeTypeOf('string');
});

const asking = Object.keys(rungs).filter((id) => typeof rungs[id] !== 'string');

describe.each(Object.entries(modes))('a server, %s', (_name, mode) => {
  it('is climbed by every rung that asks a model', async () => {
    const { bodies, climb } = await serving(mode);
    const { verdict } = await climb(asking);
    const measured = verdict.rungs.filter(({ skipped }) => skipped === undefined);
    expect(verdict.rungs.flatMap(({ rung, skipped }) => (skipped === undefined ? [] : [[rung, skipped]]))).toEqual([]);
    expect(measured.map(({ rung }) => rung).sort()).toEqual([...asking].sort());
    for (const { rung, metrics, latencyMs, tokens } of measured) {
      expect([rung, metrics['format']?.value, metrics['fieldAccuracy']?.value]).toEqual([rung, 1, 1]);
      expect(latencyMs?.p50).toBeGreaterThan(0);
      expect(tokens?.output).toBeGreaterThan(0);
    }
    expect(verdict.spent.failures).toBe(0);
    expectMode(bodies, mode);
    const held = bodies.filter((body) => body.response_format !== undefined || body.tools !== undefined);
    if (mode.asks === 'nothing') expect(held).toEqual([]);
    else expect(held.length).toBeGreaterThan(bodies.length / 2);
  });

  it('is put to every probe', async () => {
    const { bodies, probe } = await serving(mode);
    for (const { id, measures } of probes.filter((each) => typeof probed[each.id] !== 'string')) {
      const report = await probe(id);
      expect(report.spent.failures, id).toBe(0);
      const shown = measures
        .map((measure) => measure.id)
        .filter((measure) => !measure.startsWith('firstToken') && !measure.includes('Reminded') && measure !== 'forgotten');
      expect(Object.keys(report.metrics), id).toEqual(expect.arrayContaining(shown));
      if (id !== 'latency') continue;
      expect('firstTokenMs' in report.metrics).toBe(mode.settings['stream'] === true);
      expect(report.cases.some((each) => each.id === 'first tokens')).toBe(mode.settings['stream'] !== true);
    }
    expectMode(bodies, mode);
  });
});

it('looks passages and examples up by the meaning that the server tells, each text bought once', async () => {
  const { climb } = await serving({ settings: { stream: true } });
  const names = searching.map(({ name }) => name);
  const { verdict } = await climb(names);
  expect(verdict.rungs.map(({ rung, skipped, metrics }) => [rung, skipped, metrics['fieldAccuracy']?.value])).toEqual(
    names.map((name) => [name, undefined, 1]),
  );
  const asked = [...server!.tallies].flatMap(([body, { delivered }]) => {
    const { input } = JSON.parse(body) as { input?: readonly string[] };
    return input === undefined ? [] : Array.from({ length: delivered }, () => input).flat();
  });
  expect(asked.length).toBeGreaterThan(6);
  expect(new Set(asked).size).toBe(asked.length);
  const again = await climb(names);
  expect(again.verdict.spent).toMatchObject({ calls: 0, dollars: 0 });
});

describe('a model that ignores the schema', () => {
  const climbed = async (settings: Speaking['settings'], answer: string | ChatAnswer) => {
    const { climb } = await serving({ settings, answer: () => answer });
    return (await climb(['zero-shot', 'structured'])).verdict;
  };

  it.each([
    ['JSON schema', { jsonSchema: true }],
    ['tool', { jsonSchema: 'tool' }],
  ])('by %s is measured as one that gives no output, not guessed over', async (_name, settings) => {
    const verdict = await climbed(settings, { content: 'Sure! I think that the shipping team should see to it.' });
    for (const { metrics } of verdict.rungs) expect(metrics['format']).toMatchObject({ value: 0, n: 6 });
    expect(verdict.rungs[0]?.failures ?? 0).toBe(0);
  });

  it('and calls a tool of its own has no answer to show', async () => {
    const verdict = await climbed({ jsonSchema: 'tool', stream: true }, { toolCalls: [{ name: 'search', arguments: '{}' }] });
    for (const { failures, metrics } of verdict.rungs) {
      expect(failures).toBe(6);
      expect(metrics['format']?.value).toBe(0);
    }
  });
});

it.each([false, true])('log-probabilities come one a token, stream: %s', async (stream) => {
  server = await startFaultServer({ answer: () => 'one two  three' });
  const settings = { baseUrl: server.baseUrl, logProbabilities: true, stream };
  const model = await openaiCompatible.open({ model: 'm', settings, taskFolder: '.', environment: {} });
  const request = { messages: [{ role: 'user' as const, content: 'count' }], logProbabilities: true };
  const { text, logProbabilities = [] } = await model.generate(request, { signal: new AbortController().signal });
  await model.close?.();
  expect(logProbabilities.map(({ token }) => token).join('')).toBe(text);
  expect(logProbabilities).toHaveLength(3);
  for (const { logProbability } of logProbabilities) expect(logProbability).toBeLessThanOrEqual(0);
});

it.each([
  ['JSON schema', { jsonSchema: true }],
  ['tool, streaming', { jsonSchema: 'tool', stream: true }],
])('a judge that answers nonsense leaves rows unjudged and is reported, %s', async (_name, settings) => {
  const nonsense = ['banana', '{"score": 11}', '{"reason": "fine", "score": "five"}', '[]'];
  let marks = 0;
  server = await startFaultServer({
    jsonSchema: settings.jsonSchema === true,
    answer: ({ model }) => (model === 'judge' ? { content: nonsense[marks++ % nonsense.length]! } : 'It is on its way.'),
  });
  const folder = await taskFolder({
    'task.yaml': `name: letters
instructions: Answer the letter.
output: { text: true }
metrics: [exact, judge]
examples: examples.jsonl
providers: { local: ${JSON.stringify({ kind: 'openai-compatible', baseUrl: server.baseUrl, ...settings })} }
models: { base: local/mock, judge: local/judge }
ladder: [zero-shot]
`,
    'examples.jsonl': jsonLines(rows.map(({ id, input, split }) => ({ id, input, expected: 'It is on its way.', split }))),
  });
  const plugins = defaultPlugins();
  const planned = await planTask({ task: folder, plugins, environment: {} });
  const { verdict, evidence } = await climbTask(planned, { plugins, environment: {}, all: true }, async (result) => result);
  const [rung] = verdict.rungs;
  expect(rung?.metrics['exact']).toMatchObject({ value: 1, n: 6 });
  expect(rung?.metrics).not.toHaveProperty('judge');
  expect(evidence.candidates[0]?.metricFaults).toEqual([{ metric: 'judge', rows: 6, why: expect.any(String) }]);
  expect(verdict.warnings.join('\n')).toMatch(/judge/);
});
