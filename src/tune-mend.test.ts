import { describe, expect, it } from 'vitest';
import { inputError } from '#core/errors.ts';
import type { GuardResult } from '#core/guard.ts';
import type { JsonObject } from '#core/json.ts';
import type { PlannedRung } from '#engine/plan.ts';
import { guards } from '#guards/index.ts';
import { mendNote, mendTune } from './tune-mend.ts';
import type { TuneReport } from './tune-task.ts';

const guard = (status: GuardResult['status'], { id = 'forgetting', ...over }: Partial<GuardResult> = {}): GuardResult => ({
  ...{ id, status, blocks: true, value: 0.1, why: '', ...over },
});
const mend = (first: TuneReport, tune: (rung: PlannedRung) => Promise<TuneReport>) => mendTune(rung, first, { tune, guards });
const reportOf = (...guards: readonly GuardResult[]) =>
  ({ candidate: 'c_1', record: { hyperparameters: { epochs: 12, rank: 16 }, guards }, events: [] }) as unknown as TuneReport;
const rung = { name: 'fine-tuned', model: 'base', options: { seed: 1 }, approach: { checkOptions() {} } } as unknown as PlannedRung;

describe('mending a tune', () => {
  it('tries one remedy over another until no guard stands in the way', async () => {
    const asked: JsonObject[] = [];
    const {
      report,
      tried,
      rung: last,
    } = await mend(reportOf(guard('failed')), async ({ options }) => {
      asked.push(options);
      return reportOf(guard(asked.length === 2 ? 'passed' : 'failed'));
    });
    expect(asked).toEqual([
      { seed: 1, mix: { share: 0.3 } },
      { seed: 1, mix: { share: 0.3 }, patience: 1, epochs: 4 },
    ]);
    expect(tried.map(({ failed }) => failed)).toEqual([['forgetting'], ['forgetting'], []]);
    expect(last.options).toEqual(asked[1]);
    expect(report.record.guards?.[0]?.status).toBe('passed');
  });

  it('tunes nothing where all is well, or where what is open does not block', async () => {
    const never = async () => Promise.reject(new Error('not asked'));
    const first = reportOf(guard('passed'), guard('undecided', { blocks: false }));
    expect((await mend(first, never)).report).toBe(first);
  });

  it('gives the first tune back where nothing helps, and says which remedy could not be tried', async () => {
    const first = reportOf(guard('failed'));
    const { report, tried } = await mend(first, async ({ options }) => {
      if (options['mix'] !== undefined) throw inputError({ code: 'no-general-rows', message: 'There are no general rows.' });
      return reportOf(guard('undecided'));
    });
    expect(report).toBe(first);
    expect(tried.map(({ impossible }) => impossible)).toContain('There are no general rows.');
    expect(tried.at(-1)?.settings).toEqual({ patience: 1, epochs: 4, rank: 4 });
  });

  it('tries what helps against the guards in the way, and nothing where no training would', async () => {
    const settingsAfter = async (...results: readonly GuardResult[]) =>
      (await mend(reportOf(...results), async () => reportOf(...results))).tried.map(({ settings }) => Object.keys(settings).sort().join());
    expect(await settingsAfter(guard('failed', { id: 'memorisation' }))).toEqual(['', 'epochs,patience', 'epochs,patience,rank']);
    expect(await settingsAfter(guard('failed', { id: 'over-refusal' }))).toEqual(['', 'mix', 'mix,rank']);
    expect(await settingsAfter(guard('failed', { id: 'one of the user’s' }))).toHaveLength(4);
    expect(await settingsAfter(guard('failed', { id: 'parity' }))).toEqual(['']);
    // nothing was lost: more rows would decide it, and no other tune
    expect(await settingsAfter(guard('undecided', { id: 'format', value: 0 }))).toEqual(['']);
    // a guard that only stands in the way later brings its own remedy
    const second = reportOf(guard('failed'), guard('failed', { id: 'memorisation' }));
    const { tried } = await mend(reportOf(guard('failed', { id: 'over-refusal' })), async () => second);
    expect(tried.map(({ settings }) => Object.keys(settings).length)).toEqual([0, 1, 3, 4]);
  });

  it('says how many tunes had their chance', () => {
    const step = { settings: {}, failed: ['forgetting'] };
    expect(mendNote([step], 0.95)).toBeUndefined();
    expect(mendNote([step, { ...step, impossible: 'none' }, step, step], 0.95)).toMatch(/^3 tunes were held .* up to 7\.5 %/);
  });

  it('passes on what ends a run', async () => {
    await expect(mend(reportOf(guard('failed')), async () => Promise.reject(new Error('The budget ended.')))).rejects.toThrow('budget');
  });
});
