import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { locatedRow, TrainingRowError } from '#core/training-row-error.ts';
import { readExamplesFile } from '#data/read-examples.ts';
import { placesOf } from './row-places.ts';

it('finds the line of an example and of a row of another file, and says so in the error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rung-places-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const examplesFile = join(folder, 'examples.jsonl');
  await writeFile(
    examplesFile,
    '{"input": "a", "expected": "x"}\n\n{"id": "own", "input": "b", "expected": "y"}\n{"input": "a", "expected": "x"}\n',
  );
  const { examples } = await readExamplesFile(examplesFile);
  const placeOf = placesOf(
    {
      train: [...examples.map(({ id }) => ({ example: id })), { file: 'general.jsonl', line: 7 }, undefined],
      validation: [{ example: 'gone' }, { file: '/elsewhere/replay.jsonl', line: 2 }],
    },
    { examplesFile, folder },
  );
  const placed = (part: 'train' | 'validation', index: number) => placeOf({ part, index });
  expect(await Promise.all([0, 1, 2].map((index) => placed('train', index)))).toEqual([
    { file: examplesFile, line: 1 },
    { file: examplesFile, line: 3 },
    { file: examplesFile, line: 4 },
  ]);
  expect(await placed('train', 3)).toEqual({ file: join(folder, 'general.jsonl'), line: 7 });
  expect(await placed('validation', 1)).toEqual({ file: '/elsewhere/replay.jsonl', line: 2 });
  for (const [part, index] of [['train', 4] as const, ['train', 99] as const, ['validation', 0] as const]) {
    expect(await placed(part, index)).toBeUndefined();
  }

  const error = (index: number) =>
    new TrainingRowError({ code: 'training-rows', row: { part: 'train', index }, fault: 'is odd.', hint: 'Drop it.' });
  expect(await locatedRow(error(1), placeOf)).toMatchObject({
    ...{ message: 'This training row is odd.', hint: 'Drop it.', exitCode: 2, place: { file: examplesFile, line: 3 } },
  });
  expect(await locatedRow(error(4), placeOf)).toMatchObject({ message: 'Row 5 of the training rows is odd.', place: undefined });
  expect(await locatedRow(error(1), undefined)).toMatchObject({ message: 'Row 2 of the training rows is odd.' });
  await rm(examplesFile);
  expect(await locatedRow(error(1), placeOf)).toMatchObject({ message: 'Row 2 of the training rows is odd.' });
});
