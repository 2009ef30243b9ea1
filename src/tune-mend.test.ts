import { describe, expect, it } from 'vitest';
import { inputError } from '#core/errors.ts';
import type { GuardResult } from '#core/guard.ts';
import type { JsonObject } from '#core/json.ts';
import type { PlannedRung } from '#engine/plan.ts';
import { mendTune } from './tune-mend.ts';
import type { TuneReport } from './tune-task.ts';

const guard = (status: GuardResult['status'], blocks = true): GuardResult => ({ id: 'forgetting', status, blocks, why: '' });
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
    } = await mendTune(rung, reportOf(guard('failed')), async ({ options }) => {
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
    const first = reportOf(guard('passed'), guard('undecided', false));
    expect((await mendTune(rung, first, never)).report).toBe(first);
  });

  it('gives the first tune back where nothing helps, and says which remedy could not be tried', async () => {
    const first = reportOf(guard('failed'));
    const { report, tried } = await mendTune(rung, first, async ({ options }) => {
      if (options['mix'] !== undefined) throw inputError({ code: 'no-general-rows', message: 'There are no general rows.' });
      return reportOf(guard('undecided'));
    });
    expect(report).toBe(first);
    expect(tried.map(({ impossible }) => impossible)).toContain('There are no general rows.');
    expect(tried.at(-1)?.settings).toEqual({ patience: 1, epochs: 4, rank: 4 });
  });

  it('passes on what ends a run', async () => {
    await expect(mendTune(rung, reportOf(guard('failed')), async () => Promise.reject(new Error('The budget ended.')))).rejects.toThrow(
      'budget',
    );
  });
});
