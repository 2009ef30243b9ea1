import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingJob } from '#core/trainer.ts';
import { trainingExports } from '#trainers/exports.ts';
import { shellWord, writeExport } from './tune-export.ts';

const job: TrainingJob = {
  method: 'supervised',
  train: [
    {
      messages: [
        { role: 'user', content: 'One?' },
        { role: 'assistant', content: '1' },
      ],
    },
  ],
  validation: [],
  base: { model: 'nano' },
  hyperparameters: {},
  seed: 1,
};

let taskFolder = '';
beforeAll(async () => {
  taskFolder = await mkdtemp(join(tmpdir(), "rung it's "));
});
afterAll(() => rm(taskFolder, { recursive: true, force: true }));

describe('the commands of an exported folder', () => {
  for (const exporter of trainingExports) {
    it(`${exporter.id}: stand in its README as they are pasted inside the folder`, async () => {
      const folder = join(taskFolder, `tune-${exporter.id}`);
      const written = await writeExport(exporter, { job, base: 'models/x', folder, taskFolder });
      expect(written.importCommand).toBe(`rung tune import ${exporter.adapter} ..`);
      const readme = await readFile(join(folder, 'README.md'), 'utf8');
      expect(readme.split('\n').filter((line) => line.startsWith('    '))).toEqual(
        [exporter.install, exporter.command, written.importCommand].map((line) => `    ${line}`),
      );
    });
  }

  it('name a task folder elsewhere as one word', async () => {
    const [exporter] = trainingExports;
    const outside = await mkdtemp(join(tmpdir(), 'rung-export-'));
    const inside = join(taskFolder, 'a task');
    await mkdir(inside);
    const written = await writeExport(exporter!, { job, base: 'models/x', folder: join(outside, 'out'), taskFolder: inside });
    expect(written.importCommand).toMatch(/^rung tune import adapter '\.\.\/.*it'\\''s .*a task'$/);
    await rm(outside, { recursive: true });
  });
});

describe('a path in a shell', () => {
  it('is left alone where it needs no quotes, and is one word where it does', () => {
    expect(['..', '../tasks/a-1', '-o', 'a b', "it's"].map(shellWord)).toEqual([
      '..',
      '../tasks/a-1',
      './-o',
      "'a b'",
      String.raw`'it'\''s'`,
    ]);
  });
});
