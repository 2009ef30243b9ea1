import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Nano, openNano } from '#nano/index.ts';
import { makeTinyModel } from '#nano/tiny-model.fixture.ts';
import { hostedSubjects } from './hosted.fixture.ts';
import { createTrainers } from './index.ts';
import { type TrainerSubject, testTrainer } from './trainer-contract.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = (await makeTinyModel()).folder;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function nanoSubject(): Promise<TrainerSubject> {
  const nano: Nano = await openNano({ folder, workers: 1 });
  const trainers = createTrainers({ open: async () => nano, close: () => nano.close() });
  const trainer = trainers.find(({ id }) => id === 'nano');
  if (trainer === undefined) throw new Error('The trainer nano is not listed.');
  return { trainer, base: { name: 'nano', kind: 'nano', model: '', settings: {} }, close: () => nano.close() };
}

const subjects: Record<string, () => Promise<TrainerSubject>> = { nano: nanoSubject, ...hostedSubjects() };
for (const [name, open] of Object.entries(subjects)) testTrainer(name, open);

it('every listed trainer passes the contract', () => {
  expect(
    createTrainers({ open: () => Promise.reject(new Error('not asked')), close: async () => {} })
      .map(({ id }) => id)
      .sort(),
    // peft passes it in a file of its own, since it needs a Python; adapter trains nothing
  ).toEqual([...Object.keys(subjects), 'adapter', 'peft'].sort());
});
