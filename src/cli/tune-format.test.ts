import { expect, it } from 'vitest';
import type { JobRecord } from '#core/job.ts';
import { tuneDocument } from '../tune-document.ts';
import { formatTune } from './tune-format.ts';

const record: JobRecord = {
  schema: 'rung.job/1',
  ...{ id: 'ft_0123456789ab', trainer: 'nano', method: 'supervised', base: { model: 'nano' }, state: 'succeeded', seed: 1 },
  ...{ hyperparameters: { rank: 4 }, rows: { train: 30, validation: 10 }, createdAt: 0, cost: 0 },
  ...{ metadata: { metric: 'wordErrors', better: 'lower' } },
};
const evaluation = { type: 'evaluation' as const, step: 1, metric: -0.25, best: true };
const events = [{ n: 1, at: 0, event: evaluation }];

function textOf(document: ReturnType<typeof tuneDocument>): string {
  const lines = formatTune(document, events, { columns: 200 });
  return lines.map((line) => line.map(({ text }) => text).join('')).join('\n');
}

it('tells what a sweep reached by the name of the metric and as that metric writes it, less being better too', () => {
  const sweep = [{ configuration: { rank: 4 }, metric: -0.25, validationLoss: 0.5, evaluations: 2, ended: true }];
  const document = tuneDocument(record, events, { sweep });
  expect(document.sweep?.[0]?.metric).toBe(0.25);
  expect(textOf(document)).toContain('rank 4: wordErrors 25.0 %, validation loss 0.5, tuned to its end');
});

it('says where mending was in vain, and only there', () => {
  const asked = { settings: {}, failed: ['forgetting'] };
  const vain = 'None of this let every guard pass';
  expect(textOf(tuneDocument(record, events, { mended: [asked, { settings: { patience: 1 }, failed: ['format'] }] }))).toContain(vain);
  expect(textOf(tuneDocument(record, events, { mended: [asked, { settings: { patience: 1 }, failed: [] }] }))).not.toContain(vain);
});
