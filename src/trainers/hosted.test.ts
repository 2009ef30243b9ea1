import { describe, expect, test } from 'vitest';
import type { BaseModel, TrainerSite, TrainingJob } from '#core/trainer.ts';
import { baseOf, type HostedCase, hostedCases, jobOf, openBench, testKey, testTools } from './hosted.fixture.ts';
import { endWarnings } from './hosted-ends.ts';

const caseOf = (id: string) => hostedCases.find((hosted) => hosted.id === id) as HostedCase;
const vendorUrls: Readonly<Record<string, string>> = {
  openai: 'https://api.openai.com/v1',
  azure: 'https://acme.openai.azure.com/openai/v1',
  bedrock: 'https://bedrock-mantle.us-west-2.api.aws/v1',
  together: 'https://api.together.xyz/v1',
  fireworks: 'https://api.fireworks.ai/inference/v1',
  mistral: 'https://api.mistral.ai/v1',
};

function siteOf(hosted: HostedCase, changes: Partial<TrainerSite> = {}): TrainerSite {
  return {
    base: baseOf(hosted, vendorUrls[hosted.id] ?? ''),
    settings: hosted.settings,
    environment: { [hosted.keyVariable]: testKey },
    taskFolder: '/tmp',
    adapterFolder: async (artefact) => artefact,
    signal: new AbortController().signal,
    ...changes,
  };
}

const turns = (user: string, assistant: string) => [
  { role: 'user' as const, content: user },
  { role: 'assistant' as const, content: assistant },
];
const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ messages: turns(`number ${from + index}`, 'yes') }));
const preferences = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ messages: [{ role: 'user' as const, content: `${index}` }], chosen: 'a', rejected: 'b' }));

describe('which models a trainer tunes', () => {
  const base = (changes: Partial<BaseModel>): BaseModel => ({
    name: 'x/m',
    kind: 'openai-compatible',
    model: 'm',
    settings: {},
    ...changes,
  });
  const tuners = (given: BaseModel) => hostedCases.filter(({ open }) => open(testTools()).canTune(given)).map(({ id }) => id);

  test.each([
    ['the provider openai', base({ kind: 'openai' }), ['openai']],
    ['the provider openai at a server of its own', base({ kind: 'openai', settings: { baseUrl: 'http://127.0.0.1:8000/v1' } }), ['openai']],
    ['the provider openai at Azure', base({ kind: 'openai', settings: { baseUrl: vendorUrls['azure'] } }), ['azure']],
    ['an entry at Together', base({ settings: { baseUrl: vendorUrls['together'] } }), ['together']],
    ['an entry at OpenAI', base({ settings: { baseUrl: vendorUrls['openai'] } }), ['openai']],
    ['an entry named after Mistral', base({ name: 'mistral/m', settings: { baseUrl: 'http://proxy:1/v1' } }), ['mistral']],
    ['an entry that names its trainer', base({ settings: { baseUrl: vendorUrls['together'], trainer: 'fireworks' } }), ['fireworks']],
    ['a local server', base({ settings: { baseUrl: 'http://127.0.0.1:11434/v1' } }), []],
    ['the embedded model', base({ name: 'nano', kind: 'nano' }), []],
  ])('%s', (_name, given, expected) => {
    expect(tuners(given)).toEqual(expected);
  });
});

describe('before anything is sent', () => {
  const long = { messages: turns('word '.repeat(70_000), 'yes') };
  const cases: readonly [what: string, service: string, changes: Partial<TrainingJob>, message: RegExp][] = [
    ['too few rows', 'openai', { train: rows(9) }, /at least 10 training rows.*there are 9/],
    ['too few rows', 'bedrock', { train: rows(99) }, /at least 100 training rows and at most 20000; there are 99/],
    ['no rows', 'together', { train: [] }, /at least 1 training rows; there are 0/],
    [
      'a row without an answer',
      'openai',
      { train: [...rows(12), { messages: turns('a', 'b').slice(0, 1) }] },
      /Row 13 of the training rows has no assistant/,
    ],
    ['an empty message', 'mistral', { validation: [{ messages: turns('', 'b') }] }, /Row 1 of the validation rows has an empty message/],
    [
      'nothing to learn',
      'fireworks',
      {
        train: [
          ...rows(3),
          {
            messages: [
              { role: 'user', content: 'a' },
              { role: 'assistant', content: 'b', weight: 0 },
            ],
          },
        ],
      },
      /Row 4 .* no assistant turn to learn/,
    ],
    ['a row that is too long', 'openai', { train: [...rows(10), long] }, /Row 11 .*700\d\d tokens.*65536/],
    ['too many epochs', 'openai', { hyperparameters: { epochs: 51 } }, /epochs as a whole number from 1 to 50, not 51/],
    ['too many epochs', 'together', { hyperparameters: { epochs: 21 } }, /from 1 to 20/],
    ['a rank that is too high', 'together', { hyperparameters: { rank: 128 } }, /rank as a whole number from 1 to 64/],
    ['a long suffix', 'openai', { suffix: 'x'.repeat(65) }, /longer than the 64 characters/],
    ['any suffix', 'bedrock', { suffix: 'mine' }, /takes no suffix/],
    ['a suffix that makes no id', 'fireworks', { suffix: 'My Model' }, /part of the model's id/],
    [
      'shared rows',
      'together',
      { train: rows(20), validation: rows(2, 19) },
      /Row 1 of the validation rows is also row 20 of the training rows/,
    ],
    [
      'another method',
      'mistral',
      { method: 'preference', train: preferences(5), validation: [] } as never,
      /cannot learn by the method preference/,
    ],
    [
      'raw text',
      'openai',
      { method: 'pretraining', train: [{ text: 'a' }], validation: [] } as never,
      /cannot learn by the method pretraining/,
    ],
    [
      'equal answers',
      'together',
      { method: 'preference', train: [{ ...preferences(1)[0], chosen: 'b' }], validation: [] } as never,
      /two different answers/,
    ],
    ['an adapter', 'together', { base: { model: 'together/m', adapter: 'a_1' } }, /cannot go on from an adapter/],
  ];
  test.each(cases)('refuses %s at %s', async (_what, service, changes, message) => {
    const hosted = caseOf(service);
    const job = jobOf(hosted, { train: rows(hosted.rows), validation: [], ...changes } as never);
    await expect(hosted.open(testTools()).check?.(job, siteOf(hosted))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w+ \w+/),
    });
  });

  test.each(hostedCases)('$id takes a job that fits, and no job without a key', async (hosted) => {
    const { check } = hosted.open(testTools());
    await check?.(jobOf(hosted), siteOf(hosted));
    const site = siteOf(hosted, { environment: {} });
    await expect(check?.(jobOf(hosted), site)).rejects.toMatchObject({
      code: 'key-missing',
      message: expect.stringContaining(hosted.keyVariable),
    });
    await expect(check?.(jobOf(hosted), siteOf(hosted, { settings: { apiKye: testKey } }))).rejects.toMatchObject({
      message: expect.not.stringContaining(testKey),
    });
  });

  test('says which models OpenAI tunes', async () => {
    const hosted = { ...caseOf('openai'), model: 'gpt-5' };
    await expect(hosted.open(testTools()).check?.(jobOf(hosted), siteOf(hosted))).rejects.toMatchObject({
      hint: expect.stringContaining('gpt-4.1'),
    });
    // another server that speaks its API has other models
    await hosted.open(testTools()).check?.(jobOf(hosted), siteOf(hosted, { base: baseOf(hosted, 'http://127.0.0.1:8000/v1') }));
  });

  test.each(['accountId', 'grader'])('says where the setting %s is missing', async (setting) => {
    const hosted = caseOf(setting === 'grader' ? 'bedrock' : 'fireworks');
    const site = siteOf(hosted, { settings: {} });
    await expect(hosted.open(testTools()).check?.(jobOf(hosted), site)).rejects.toMatchObject({ hint: expect.stringContaining(setting) });
  });
});

describe('what ends', () => {
  const openai = caseOf('openai');
  const checkAt = (day: string, site = siteOf(openai)) => openai.open(testTools(Date.parse(day))).check?.(jobOf(openai), site);

  test('OpenAI takes jobs to its last day, and none after', async () => {
    await checkAt('2027-01-06T23:00:00Z');
    await expect(checkAt('2027-01-07T01:00:00Z')).rejects.toMatchObject({ code: 'service-closed', hint: expect.stringContaining('peft') });
    // a server of another owner goes on
    await checkAt('2028-01-01T00:00:00Z', siteOf(openai, { base: baseOf(openai, 'http://127.0.0.1:8000/v1') }));
  });

  test('warns of a tuned model that soon is no more', () => {
    const service = {
      id: 'x',
      ends: [{ on: '2027-01-14', stops: 'models', firm: true, what: 'All is off.', source: 'https://x' }],
    } as unknown as Parameters<typeof endWarnings>[0];
    expect(endWarnings(service, Date.parse('2026-11-21T12:00:00Z'))).toEqual(['On 2027-01-14 (in 54 days): All is off. (https://x)']);
    expect(endWarnings({ ...service, weights: async () => [] }, Date.parse('2026-11-21T12:00:00Z'))).toEqual([
      expect.stringMatching(/Fetch its adapter before, with rung tune download\.$/),
    ]);
    expect(endWarnings({ ...service, withholds: 'No.' }, Date.parse('2026-11-21T12:00:00Z'))).toEqual([
      expect.stringContaining('Its weights cannot be fetched'),
    ]);
    expect(endWarnings(service, Date.parse('2026-05-01T12:00:00Z'))).toEqual([]);
    expect(endWarnings(service, Date.parse('2027-02-01T12:00:00Z'))).toEqual(['On 2027-01-14 (past): All is off. (https://x)']);
  });

  test('every end has its day and its source', () => {
    const ends = hostedCases.flatMap((hosted) => hosted.open(testTools()).ends?.(siteOf(hosted)) ?? []);
    expect(ends.map(({ on }) => on).sort()).toEqual(['2026-07-02', '2027-01-06', '2027-01-14', '2027-04-01', '2027-10-01']);
    for (const { source } of ends) expect(source).toMatch(/^https:/);
    const elsewhere = siteOf(openai, { base: baseOf(openai, 'http://127.0.0.1:8000/v1') });
    expect(openai.open(testTools()).ends?.(elsewhere)).toEqual([]);
  });
});

describe('the estimate', () => {
  const estimate = (hosted: HostedCase, job: TrainingJob, site = siteOf(hosted)) => hosted.open(testTools()).estimate?.(job, site);

  test("counts with OpenAI's tokenizer, times epochs and price", async () => {
    const hosted = caseOf('openai');
    // "number 0" is 3 tokens and "yes" 1 in o200k_base; 3 more for each message and 3 for the row
    const job = jobOf(hosted, {
      train: Array.from({ length: 10 }, () => ({ messages: turns('number 0', 'yes') })),
      hyperparameters: { epochs: 4 },
    } as never);
    const made = await estimate(hosted, job);
    expect(made).toMatchObject({ tokens: 10 * (3 + 1 + 3 * 3) * 4, cost: 520 * 3 * 1000 });
    expect(made?.method).toMatch(/o200k_base.*3 dollars per million as of 2026-11-21/);
  });

  test('takes bytes where it has no tokenizer, and says so', async () => {
    const hosted = caseOf('together');
    const job = jobOf(hosted, { train: [{ messages: turns('é'.repeat(40), 'abcd') }], hyperparameters: { epochs: 1 } } as never);
    const made = await estimate(hosted, job);
    expect(made).toMatchObject({ tokens: 20 + 1 + 9, cost: 30 * 480 });
    expect(made?.method).toMatch(/a quarter of the bytes.*not read at the vendor/);
  });

  test.each([
    ['mistral', vendorUrls['mistral'] ?? '', /no published price/],
    ['openai', 'http://127.0.0.1:8000/v1', /not that of the service itself/],
  ])('gives no cost at %s of %s', async (service, url, why) => {
    const hosted = caseOf(service);
    const made = await estimate(hosted, jobOf(hosted), siteOf(hosted, { base: baseOf(hosted, url) }));
    expect(made?.cost).toBeNull();
    expect(made?.method).toMatch(why);
  });
});

describe('the wire', () => {
  async function bodyOf(service: string, changes: Partial<TrainingJob> = {}) {
    const hosted = caseOf(service);
    const bench = await openBench(hosted);
    try {
      const status = await bench.run({ job: jobOf(hosted, changes) });
      expect(status.state, status.error).toBe('succeeded');
      const [job] = [...bench.server.jobs.values()];
      return { body: job?.body, rows: job?.train.rows, job, outcome: status.outcome, events: bench.events };
    } finally {
      await bench.close();
    }
  }
  const preference = { method: 'preference', train: preferences(20), validation: [], hyperparameters: { epochs: 1, beta: 0.2 } } as never;

  test('openai: a supervised job, its losses, checkpoints, tokens and times', async () => {
    const { body, rows, outcome, job } = await bodyOf('openai', {
      suffix: 'mine',
      hyperparameters: { epochs: 2, batchSize: 5, learningRateMultiplier: 0.5 },
    });
    expect(body).toEqual({
      model: 'gpt-4o-mini-2024-07-18',
      training_file: expect.stringMatching(/^file-/),
      validation_file: expect.stringMatching(/^file-/),
      suffix: 'mine',
      seed: 1,
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2, batch_size: 5, learning_rate_multiplier: 0.5 } } },
    });
    expect(rows?.[0]).toEqual({ messages: turns('number 0', 'even') });
    expect(outcome).toMatchObject({
      model: { model: `openai/${job?.tuned}` },
      trainedTokens: 2000,
      bestStep: 9,
      hyperparameters: { epochs: 2 },
    });
    expect(outcome?.seconds).toBeGreaterThan(0);
    const evaluations = outcome?.events.flatMap((event) => (event.type === 'evaluation' ? [event] : []));
    expect(evaluations?.map(({ step, best, checkpoint }) => [step, best, checkpoint?.model])).toEqual([
      [4, true, undefined],
      [8, true, undefined],
      [4, false, `openai/${job?.tuned}:ckpt-step-4`],
      [8, true, `openai/${job?.tuned}:ckpt-step-8`],
    ]);
    expect(outcome?.events.findLast(({ type }) => type === 'step')).toMatchObject({ step: 9, trainLoss: 0.1 });
  });

  test('openai: epochs that the service chose', async () => {
    const { events } = await bodyOf('openai', { hyperparameters: {} });
    expect(events.findLast(({ type }) => type === 'evaluation')).toBeDefined();
    expect(events.find((event) => event.type === 'step' && event.step === 6)).toMatchObject({ epoch: 1.5, totalSteps: 12 });
  });

  test('openai: a preference job', async () => {
    const { body, rows } = await bodyOf('openai', preference);
    expect(body?.['method']).toEqual({ type: 'dpo', dpo: { hyperparameters: { n_epochs: 1, beta: 0.2 } } });
    expect(rows?.[0]).toEqual({
      input: { messages: [{ role: 'user', content: '0' }] },
      preferred_output: [{ role: 'assistant', content: 'a' }],
      non_preferred_output: [{ role: 'assistant', content: 'b' }],
    });
  });

  test('azure says that a deployment is needed', async () => {
    const { events } = await bodyOf('azure');
    expect(events).toContainEqual(expect.objectContaining({ message: expect.stringContaining('only through a deployment') }));
  });

  test('bedrock: a reinforcement job with its grader, without suffix and seed', async () => {
    const { body, rows } = await bodyOf('bedrock');
    const grader = { type: 'lambda', lambda: { function: 'arn:aws:lambda:us-west-2:123456789012:function:grade' } };
    expect(body?.['method']).toEqual({ type: 'reinforcement', reinforcement: { grader, hyperparameters: { n_epochs: 2, batch_size: 5 } } });
    expect(rows?.[1]).toEqual({ messages: [{ role: 'user', content: 'number 1' }], reference_answer: 'odd' });
  });

  test('together: LoRA, with its own price asked for first', async () => {
    const { body, events, outcome } = await bodyOf('together', {
      suffix: 'mine',
      hyperparameters: { epochs: 2, batchSize: 5, rank: 8, alpha: 16 },
    });
    expect(body).toMatchObject({
      n_epochs: 2,
      n_evals: 2,
      batch_size: 5,
      learning_rate: 2e-4,
      n_checkpoints: 1,
      suffix: 'mine',
      training_type: { type: 'Lora', lora_r: 8, lora_alpha: 16, lora_dropout: 0, lora_trainable_modules: 'all-linear' },
      training_method: { method: 'sft', train_on_inputs: false },
    });
    expect(events).toContainEqual(expect.objectContaining({ message: 'Together estimates that the job will cost 1.25 dollars.' }));
    expect(outcome?.events).toContainEqual(expect.objectContaining({ type: 'step', learningRate: 0.0002 }));
    expect((await bodyOf('together', preference)).body?.['training_method']).toEqual({ method: 'dpo', dpo_beta: 0.2 });
  });

  test('fireworks: names of its own, and the cost that it tells', async () => {
    const { body, job, outcome } = await bodyOf('fireworks', { suffix: 'mine', hyperparameters: { epochs: 2, batchSize: 5, rank: 8 } });
    expect(body).toMatchObject({ epochs: 2, loraRank: 8, batchSizeSamples: 5, evaluationDataset: expect.stringContaining('validation') });
    expect(job?.tuned).toMatch(/^accounts\/rung\/models\/mine-rung-test/);
    expect(outcome).toMatchObject({ cost: 1_500_000_000, model: { model: `fireworks/${job?.tuned}` } });
    const tuned = await bodyOf('fireworks', { ...(preference as object), validation: preferences(21).slice(20) } as never);
    expect(tuned.body).toMatchObject({ lossConfig: { method: 'DPO', klBeta: 0.2 }, trainingConfig: { epochs: 1 } });
    expect(tuned.events).toContainEqual(expect.objectContaining({ message: expect.stringContaining('takes no validation rows') }));
  });

  test('mistral: validated and priced before it is started', async () => {
    const { body, events } = await bodyOf('mistral', { hyperparameters: { epochs: 2, learningRate: 1e-4, rank: 4 } });
    expect(body).toMatchObject({ training_files: [{ weight: 1 }], auto_start: false, hyperparameters: { epochs: 2, learning_rate: 1e-4 } });
    expect(events).toContainEqual(expect.objectContaining({ message: 'Mistral says that the job costs 4 EUR.' }));
    expect(events).toContainEqual(expect.objectContaining({ message: 'mistral chooses these itself, so they are not sent: rank.' }));
  });
});

test('whoever stops watching does not stop the job', async () => {
  const hosted = caseOf('openai');
  const bench = await openBench(hosted);
  try {
    const controller = new AbortController();
    const { trainer, handle } = await bench.begin({ signal: controller.signal });
    expect(handle).toEqual({
      trainer: 'openai',
      job: expect.any(String),
      state: { files: { train: expect.any(String), validation: expect.any(String) } },
    });
    controller.abort();
    expect((await trainer.poll(handle, { waitMs: 60_000 })).state).toBe('queued');
    await trainer.cancel(handle);
    expect(bench.server.done('cancel')).toBe(0);
    expect((await bench.run()).state).toBe('succeeded');
    expect(bench.server.done('create')).toBe(1);
  } finally {
    await bench.close();
  }
});

test("the task's metric chooses among the checkpoints that answer, and measures none twice", async () => {
  const hosted = caseOf('openai');
  const bench = await openBench(hosted);
  try {
    const asked: string[] = [];
    const scores = [0.9, 0.7, 0.8];
    const evaluate = async ({ model }: { readonly model: string }) => scores[asked.push(model) - 1] ?? 0;
    const failing = await bench.run({ evaluate: async () => Promise.reject(new Error('The budget ended.')) });
    expect(failing).toMatchObject({ state: 'paused', error: 'The budget ended.' });
    const status = await bench.run({ evaluate });
    const [job] = [...bench.server.jobs.values()];
    const names = [`openai/${job?.tuned}:ckpt-step-4`, `openai/${job?.tuned}:ckpt-step-8`, `openai/${job?.tuned}`];
    expect(asked).toEqual(names);
    expect(status.outcome).toMatchObject({ model: { model: names[0] }, bestStep: 4 });
    const measured = status.outcome?.events.flatMap((event) => (event.type === 'evaluation' && event.metric !== undefined ? [event] : []));
    expect(measured?.map(({ metric, best }) => [metric, best])).toEqual([
      [0.9, true],
      [0.7, false],
      [0.8, false],
    ]);
    expect((await bench.run({ evaluate })).outcome?.model).toEqual({ model: names[0] });
    expect(asked).toHaveLength(3);
  } finally {
    await bench.close();
  }
});

test.each([
  [
    'none can be asked: the final one, in words',
    [undefined, undefined, undefined],
    2,
    /^No checkpoint could be asked.*final model openai\/\S+ is taken\.$/,
  ],
  ['the final one alone can be asked', [undefined, undefined, 0], 2, undefined],
  ['the final one cannot be asked', [0.1, 0.2, undefined], 1, undefined],
] as const)('checkpoints that cannot be asked count for nothing where %s', async (_what, scores, taken, said) => {
  const bench = await openBench(caseOf('openai'));
  try {
    const asked: string[] = [];
    const evaluate = async ({ model }: { readonly model: string }) => scores[asked.push(model) - 1];
    const { outcome, error } = await bench.run({ evaluate });
    expect(error).toBeUndefined();
    expect(outcome?.model.model).toBe(asked[taken]);
    const warnings = outcome?.events.flatMap((event) => (event.type === 'message' && event.level === 'warning' ? [event.message] : []));
    expect(warnings).toEqual(said === undefined ? [] : [expect.stringMatching(said)]);
    expect(outcome?.events.filter((event) => event.type === 'evaluation' && event.metric !== undefined)).toHaveLength(
      scores.filter((score) => score !== undefined).length,
    );
  } finally {
    await bench.close();
  }
});
