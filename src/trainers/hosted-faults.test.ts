import { afterEach, describe, expect, test } from 'vitest';
import type { TrainingStatus } from '#core/trainer.ts';
import type { TuningFault, TuningServerOptions } from '#testing/tuning-server.ts';
import { type HostedBench, hostedCases, jobOf, openBench, testKey } from './hosted.fixture.ts';

let bench: HostedBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const open = async (...given: Parameters<typeof openBench>) => {
  bench = await openBench(...given);
  return bench;
};
const fault = (on: TuningFault['on'], kind: TuningFault['kind'], times = 1, after = 0): TuningFault => ({ on, kind, times, after });
const messages = ({ events }: HostedBench) => events.flatMap((event) => (event.type === 'message' ? [event.message] : []));
const steps = ({ events }: HostedBench) => events.flatMap((event) => (event.type === 'step' ? [event.step] : []));

/** Nothing was paid for twice, and nobody saw the key. */
async function expectOnce({ server, events, kept }: HostedBench, status: TrainingStatus): Promise<void> {
  expect([server.done('upload'), server.done('create')]).toEqual([2, 1]);
  expect(`${JSON.stringify([status, events])}${await kept()}`).not.toContain(testKey);
}

// What passes by itself or is done again: the job succeeds, and nothing is uploaded or created twice.
const passing: Record<string, readonly TuningFault[]> = {
  'the upload is cut off, twice': [fault('upload', 'cut', 2)],
  'the connection breaks before the upload': [fault('upload', 'reset')],
  "the upload's reply is lost": [fault('upload', 'lost-reply')],
  'the upload meets a server error': [fault('upload', 'server-error', 2)],
  'the upload is limited': [fault('upload', 'rate-limited')],
  'creating breaks off before it was done': [fault('create', 'reset')],
  "creating's reply is lost": [fault('create', 'lost-reply')],
  'creating is limited': [fault('create', 'rate-limited', 2)],
  'creating meets a server error': [fault('create', 'server-error')],
  'reading is limited': [fault('read', 'rate-limited', 2, 1)],
  'reading meets server errors': [fault('read', 'server-error', 3, 1)],
  'a reply is not JSON': [fault('read', 'not-json', 1, 1)],
  "a reading's reply is lost": [fault('read', 'lost-reply', 1, 1)],
  'the tuned model is looked up in vain for a while': [fault('look', 'server-error', 2)],
};

describe.each(hostedCases)('the trainer $id', (hosted) => {
  test.each(Object.entries(passing))('goes on where %s', async (_name, faults) => {
    const bench = await open(hosted, { key: testKey, faults });
    const status = await bench.run();
    expect(status.state, status.error).toBe('succeeded');
    await expectOnce(bench, status);
    if (faults.some(({ kind }) => kind === 'rate-limited')) expect(bench.tools.waits).toContain(7_000);
  });

  test('says that the service cannot be reached, once, and goes on watching', async () => {
    const bench = await open(hosted, { faults: [fault('read', 'reset', 15, 2)] });
    const status = await bench.run();
    expect(status.state, status.error).toBe('succeeded');
    expect(messages(bench).filter((message) => message.includes('The job goes on there.'))).toHaveLength(1);
    await expectOnce(bench, status);
  });

  test('fails where the service stays away, and begins where it was', async () => {
    const bench = await open(hosted, { faults: [fault('create', 'server-error', 6)] });
    expect(await bench.run()).toMatchObject({ state: 'failed', hint: expect.stringContaining('Nothing is uploaded or created twice') });
    const status = await bench.run();
    expect(status.state, status.error).toBe('succeeded');
    await expectOnce(bench, status);
  });

  test('names the variable of a key that is refused, and begins with a valid one', async () => {
    const bench = await open(hosted);
    const refused = await bench.run({ key: 'sk-expired-key' });
    expect(refused).toMatchObject({ state: 'failed', hint: expect.stringContaining(hosted.keyVariable) });
    expect(JSON.stringify(refused)).not.toContain('sk-expired');
    const status = await bench.run();
    expect(status.state, status.error).toBe('succeeded');
    await expectOnce(bench, status);
  });

  test('does not lose the job where the key expires meanwhile', async () => {
    const bench = await open(hosted, { faults: [fault('read', 'unauthorised', 1, 3)] });
    const refused = await bench.run();
    expect(refused).toMatchObject({ state: 'paused', hint: expect.stringMatching(new RegExp(`${hosted.keyVariable}.*not lost`)) });
    const status = await bench.run();
    expect(status.state, status.error).toBe('succeeded');
    await expectOnce(bench, status);
  });

  test('says that the account has no money, and begins once it has', async () => {
    const bench = await open(hosted, { faults: [fault('create', 'no-credit')] });
    expect(await bench.run()).toMatchObject({ state: 'failed', hint: expect.stringContaining('Add credit') });
    const status = await bench.run();
    expect(status.state, status.error).toBe('succeeded');
    await expectOnce(bench, status);
  });

  test('sends the rows again where the service has dropped them', async () => {
    const bench = await open(hosted, { faults: [fault('create', 'gone')] });
    expect((await bench.run()).state).toBe('failed');
    expect((await bench.run()).state).toBe('succeeded');
    expect(bench.server.done('create')).toBe(1);
  });

  const ends: readonly [string, Omit<TuningServerOptions, 'service'>, Partial<Record<keyof TrainingStatus, RegExp>>][] = [
    [
      'validation fails',
      { fate: { kind: 'validation-fails', message: 'Invalid file format. Line 3: bad\u001b[31m role' } },
      { error: /Line 3: bad \[31m role/, hint: /Mend/ },
    ],
    [
      'the account runs dry',
      { fate: { kind: 'fails-at', step: 4, message: 'Job stopped: insufficient credit' } },
      { error: /credit/, hint: /Add credit/ },
    ],
    ['the job disappears', { fate: { kind: 'job-gone' } }, { error: /does not know the job/, hint: /deleted/ }],
    ['the tuned model disappears', { fate: { kind: 'model-gone' } }, { error: /not there/, hint: /tune anew/ }],
  ];
  test.each(ends)('fails with a sentence and a way out where %s', async (_name, options, expected) => {
    const bench = await open(hosted, options);
    const status = await bench.run();
    expect(status.state).toBe('failed');
    expect(status.error).toMatch(expected.error as RegExp);
    expect(status.hint).toMatch(expected.hint as RegExp);
    expect(bench.server.done('create')).toBe(1);
    // another start is another job
    await bench.run();
    expect(bench.server.done('create')).toBe(2);
  });

  test('keeps and shows neither the key nor what signs a link, whatever the service says', async () => {
    const message = `Node lost. ${testKey} See https://store.test/log.txt?X-Amz-Signature=0123abcd&key=${testKey}`;
    const bench = await open(hosted, { fate: { kind: 'fails-at', step: 2, message } });
    const status = await bench.run();
    expect(status.error).toContain('[key] See https://store.test/log.txt?…');
    const said = `${JSON.stringify([status, bench.events])}${await bench.kept()}`;
    for (const secret of [testKey, '0123abcd']) expect(said).not.toContain(secret);
  });

  test('keeps the events of a job that fails at step 40', async () => {
    const bench = await open(hosted, { fate: { kind: 'fails-at', step: 40, message: 'Internal error at step 40' } });
    const train = jobOf({ ...hosted, rows: 100 }).train;
    const status = await bench.run({ job: jobOf(hosted, { train, hyperparameters: { epochs: 3, batchSize: 5 } } as never) });
    expect(status).toMatchObject({ state: 'failed', error: expect.stringContaining('step 40') });
    expect(steps(bench)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  test('warns of a job that hangs, once, and can cancel it', async () => {
    const bench = await open(hosted, { fate: { kind: 'hangs-at', step: 2 } });
    const { trainer, handle } = await bench.begin();
    for (let looks = 0; looks < 6; looks++) await trainer.poll(handle, { waitMs: 5_000 });
    expect(messages(bench).some((message) => message.includes('has told nothing'))).toBe(false);
    bench.tools.pass(7 * 3_600_000);
    for (let looks = 0; looks < 3; looks++) expect((await trainer.poll(handle, { waitMs: 5_000 })).state).toBe('running');
    expect(messages(bench).filter((message) => message.includes('has told nothing of the job for 7 hours'))).toHaveLength(1);
    await trainer.cancel(handle);
    expect((await trainer.poll(handle, { waitMs: 10_000 })).state).toBe('cancelled');
  });

  test.each(['RETICULATING', 'constructor', 'a\u001b[2Jb'])(
    'takes the state %j, which it does not know, as running, and says so once',
    async (word) => {
      const bench = await open(hosted, { fate: { kind: 'odd-state', word } });
      expect((await bench.run()).state).toBe('succeeded');
      const shown = JSON.stringify(word.replace('\u001b', ' '));
      expect(messages(bench).filter((message) => message.includes(shown))).toHaveLength(1);
    },
  );

  test('cancels while queued and after the end', async () => {
    const bench = await open(hosted);
    const queued = await bench.begin();
    await queued.trainer.cancel(queued.handle);
    expect((await queued.trainer.poll(queued.handle, { waitMs: 10_000 })).state).toBe('cancelled');
    expect((await bench.run()).state).toBe('succeeded');
    const ended = await bench.begin();
    await ended.trainer.cancel(ended.handle);
    expect((await ended.trainer.poll(ended.handle, { waitMs: 0 })).state).toBe('succeeded');
  });

  test('creates no job that is cancelled while its rows are sent, and sends them once', async () => {
    const bench = await open(hosted);
    const status = await bench.run({ isCancelWanted: () => bench.server.done('upload') > 0 });
    expect([status.state, bench.server.done('upload'), bench.server.done('create')]).toEqual(['cancelled', 1, 0]);
    expect((await bench.run()).state).toBe('succeeded');
    expect([bench.server.done('upload'), bench.server.done('create')]).toEqual([2, 1]);
  });

  test('cancels as soon as the service lets itself be asked', async () => {
    const bench = await open(hosted, { fate: { kind: 'hangs-at', step: 1 }, faults: [fault('cancel', 'server-error', 8)] });
    const { trainer, handle } = await bench.begin();
    await trainer.cancel(handle);
    let status = await trainer.poll(handle, { waitMs: 0 });
    for (let looks = 0; looks < 4; looks++) status = await trainer.poll(handle, { waitMs: 5_000 });
    expect([status.state, bench.server.done('cancel')]).toEqual(['cancelled', 1]);
  });

  test('killed before any of its requests, goes on in another process with the same job', async () => {
    let requests = Number.POSITIVE_INFINITY;
    for (let at = 0; at < requests; at++) {
      const controller = new AbortController();
      const bench = await openBench(hosted, {
        stepsPerLook: 4,
        onRequest: (index) => index === at && controller.abort(new Error('killed')),
      });
      try {
        await bench.run({ signal: controller.signal }).catch((error: Error) => expect(error.message).toBe('killed'));
        const status = await bench.run();
        expect(status.state, `killed at request ${at}: ${status.error}`).toBe('succeeded');
        expect(bench.server.done('create')).toBe(1);
        // told once each, over both processes
        expect(steps(bench)).toEqual([...new Set(steps(bench))]);
        expect(status.outcome?.events).toEqual(bench.events);
        if (!controller.signal.aborted) requests = at;
      } finally {
        await bench.close();
      }
    }
    expect(requests).toBeGreaterThan(8);
  });
});

test.each(hostedCases.filter(({ id }) => id !== 'mistral' && id !== 'together'))(
  '$id shows a paused job, and lets it go on',
  async (hosted) => {
    const bench = await open(hosted, { fate: { kind: 'pauses-at', step: 3 } });
    expect((await bench.run()).state).toBe('paused');
    const status = await bench.run();
    expect(status.state, status.error).toBe('succeeded');
    await expectOnce(bench, status);
  },
);

test('openai: every checkpoint is read, on however many pages the service tells them', async () => {
  const hosted = hostedCases.find(({ id }) => id === 'openai') as (typeof hostedCases)[number];
  const bench = await open(hosted, { stepsPerLook: 100 });
  const status = await bench.run({ job: jobOf(hosted, { hyperparameters: { epochs: 45, batchSize: 20 } }) });
  expect(status.state, status.error).toBe('succeeded');
  const kept = bench.events.flatMap((event) => (event.type === 'evaluation' && event.checkpoint ? [event.step] : []));
  expect(kept).toEqual(Array.from({ length: 45 }, (_, index) => index + 1));
});
