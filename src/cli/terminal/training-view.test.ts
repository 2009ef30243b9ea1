import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import type { JobRecord } from '#core/job.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import { createTrainingView } from './training-view.ts';

const record: JobRecord = {
  schema: 'rung.job/1',
  ...{ id: 'ft_0123456789ab', trainer: 'peft', method: 'supervised', base: { model: 'small' }, state: 'running', hyperparameters: {} },
  ...{ seed: 1, rows: { train: 300, validation: 100 }, createdAt: 0, cost: 0, metadata: { metric: 'macroF1', better: 'higher' } },
};

const step = (n: number, more: object = {}): TrainingEvent => ({
  type: 'step',
  step: n,
  totalSteps: 60,
  epoch: 1.5,
  trainLoss: 2 / n,
  learningRate: 1e-4,
  ...more,
});
const evaluation = (n: number, validationLoss: number, best = false): TrainingEvent => ({
  type: 'evaluation',
  step: n,
  validationLoss,
  metric: 0.625,
  best,
});

function viewOf(isTty: boolean, columns = 80) {
  let written = '';
  const ticks: (() => void)[] = [];
  const stream = { write: (text: string) => (written += text), columns, rows: 30 };
  const every = (_milliseconds: number, callback: () => void) => {
    ticks.push(callback);
    return () => {};
  };
  const view = createTrainingView({ stream, isTty, environment: {}, every });
  let n = 0;
  const tell = (event: TrainingEvent, of = record) => view.event(of, { n: ++n, at: 0, event });
  const tick = () => {
    for (const callback of ticks) callback();
  };
  return { view, tell, written: () => written, tick };
}

it('without a terminal writes a line an evaluation, messages made visible, and each trouble once', () => {
  const { view, tell, written } = viewOf(false);
  tell(step(1, { tokenAccuracy: 0.5, tokensPerSecond: 1234.4, memoryBytes: 512e6, secondsLeft: 75 }));
  tell(evaluation(1, 0.5, true));
  tell({ type: 'message', level: 'warning', message: 'a\u001b[31mred\u202e' });
  for (let n = 2; n < 9; n++) {
    tell(step(n));
    tell(evaluation(n, 0.5 + n));
  }
  view.doing({ message: 'guard safety', done: 1, total: 4 });
  view.doing({ message: 'guard safety', done: 2, total: 4 });
  view.end();
  const lines = written().trimEnd().split('\n');
  expect(lines[0]).toBe('ft_0123456789ab: peft tunes small on 300 rows');
  expect(lines[1]).toBe(
    'step 1 of 60, epoch 2, training loss 2, validation loss 0.5, macroF1 62.5 % on 100 validation rows, best so far, tokens right 50.0 %, 1,234 tokens/s, 512 MB, about 1 min 15 s left',
  );
  expect(lines[2]).toBe('warning: a␛[31mred⟦U+202E⟧');
  const troubles = lines.filter((line) => line.startsWith('trouble: '));
  expect(troubles.length).toBeGreaterThan(0);
  expect(new Set(troubles.map((line) => line.split(' ').slice(0, 4).join(' '))).size).toBe(troubles.length);
  expect(lines.filter((line) => line === 'guard safety')).toHaveLength(1);
  expect(written()).not.toMatch(/NaN|undefined|Infinity/);
});

it('on a terminal draws the curve in place and gives the cursor back', () => {
  const { view, tell, written, tick } = viewOf(true);
  tick();
  expect(written()).toContain('starting');
  for (const n of [1, 2, 3, 4]) tell(step(n));
  // what a resumed trainer does again is drawn as it was done last
  for (const n of [3, 4, 5]) tell(step(n));
  tell(evaluation(5, 0.7, true));
  tick();
  view.end();
  view.end();
  expect(written()).toMatch(/[⠁-⣿]/);
  expect(written()).toContain('step 5 of 60, epoch 2');
  expect(written()).toContain('validation loss 0.7');
  expect(written().endsWith('\u001b[?25h')).toBe(true);
});

it('says what a sweep tries with a job, and cuts nothing on a narrow terminal', () => {
  const tried = { ...record, metadata: { ...record.metadata, configuration: { learningRate: 0.003, rank: 16 } } };
  const plain = viewOf(false);
  plain.tell(step(1), tried);
  expect(plain.written()).toBe('ft_0123456789ab: peft tunes small on 300 rows, learningRate 0.003, rank 16\n');
  const { view, tell, written, tick } = viewOf(true, 50);
  for (const n of [1, 2]) tell(step(n, { tokenAccuracy: 0.5, tokensPerSecond: 1234.4, memoryBytes: 512e6, secondsLeft: 75 }), tried);
  tell(evaluation(2, 0.5, true), tried);
  tick();
  view.end();
  const words = stripVTControlCharacters(written()).replace(/\s+/g, ' ');
  expect(words).not.toContain('…');
  expect(words).toContain('learningRate 0.003, rank 16');
  expect(words).toContain('macroF1 62.5 % on 100 validation rows, best so far');
  expect(words).toContain('about 1 min 15 s left');
});
