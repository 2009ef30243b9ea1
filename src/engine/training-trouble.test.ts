import { expect, it } from 'vitest';
import { troubleTeller } from './training-trouble.ts';

it('says a sign of trouble once, at the evaluation that shows it', () => {
  const said: string[] = [];
  const tell = troubleTeller((text) => said.push(text));
  for (let step = 1; step < 9; step++) {
    tell({ type: 'step', step, totalSteps: 20, epoch: 1, trainLoss: step === 3 ? Number.NaN : 1 });
    if (step === 2) expect(said).toEqual([]);
    tell({ type: 'evaluation', step, validationLoss: 1, best: step === 1 });
  }
  expect(said.filter((text) => text.includes('The loss is no number any more since step 3.'))).toHaveLength(1);
});
