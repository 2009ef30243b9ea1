import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { contextWith, examples, inputFor, never, notingModel, testApproach } from './approach-contract.fixture.ts';
import { distilled } from './distilled.ts';

testApproach(distilled);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-distilled-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const prepare = (input = inputFor()) => distilled.prepare(input, contextWith(folder, notingModel()));
const restore = (manifest: Manifest) => distilled.restore(manifest, contextWith(folder, notingModel()));
const answer = async (manifest: Manifest, text: string) => (await restore(manifest)).answer(text, { signal: never });

test('learns the labels, and says how sure it is', async () => {
  const candidate = await restore(await prepare());
  for (const { input, expected } of examples.slice(30)) {
    const given = await candidate.answer(input, { signal: never });
    expect(given).toMatchObject({ text: expected, value: expected, strict: true, calls: [] });
    expect(given.confidence).toBeGreaterThan(0.5);
    expect(given.confidence).toBeLessThanOrEqual(1);
  }
  const unsure = await candidate.answer('Quite another thing?', { signal: never });
  const sure = await candidate.answer('bright and warm', { signal: never });
  expect(sure.confidence).toBeGreaterThan(unsure.confidence ?? 1);
});

test('answers the same after the manifest went through JSON, and from bytes that do not depend on the run', async () => {
  const manifest = await prepare();
  const reloaded = JSON.parse(JSON.stringify(manifest)) as Manifest;
  for (const text of ['wet and cold', 'golden', '', '🌧️ dripping'])
    expect(await answer(reloaded, text)).toEqual(await answer(manifest, text));
  const otherSeed = await prepare({ ...inputFor(), seed: 2 });
  expect(otherSeed.artefacts).not.toEqual(manifest.artefacts);
});

test('an answer it is not sure of is withheld only where the ladder says so', async () => {
  // Labels that the texts say nothing about: no confidence is precise enough.
  const random = (example: Example, index: number): Example => ({
    ...example,
    input: `x${(index * 7) % 5}`,
    expected: index % 2 === 0 ? 'sun' : 'rain',
  });
  const input = { ...inputFor({ precision: 1 }), train: inputFor().train.map(random), validation: inputFor().validation.map(random) };
  const told = await prepare(input);
  expect(told.state).toMatchObject({ abstain: false, validationRows: 10 });
  expect(told.state['coverage']).toBeLessThan(1);
  const withheld = await prepare({ ...input, options: { precision: 1, abstain: true } });
  const [open, silent] = [await answer(told, 'y'), await answer(withheld, 'y')];
  expect(open.confidence).toBeLessThan(told.state['threshold'] as number);
  expect(['sun', 'rain']).toContain(open.value);
  expect(silent).toMatchObject({ text: '', value: undefined, strict: false, confidence: open.confidence });
});

test.each([
  [{ output: { kind: 'text' as const } }, /labels only/],
  [{ output: { kind: 'labels' as const, labels: ['sun', 'rain', 'snow'] } }, /1 of 3 labels .*: snow/],
  [{}, undefined],
])('skips what it cannot do: %j', (task, why) => {
  const reason = distilled.skip?.({ ...inputFor(), task: { ...inputFor().task, ...task } });
  if (why === undefined) expect(reason).toBeUndefined();
  else expect(reason).toMatch(why);
});

test.each([{ abstain: 'yes' }, { precision: 0 }, { precision: 1.5 }, { precision: '0.9' }])('refuses the options %j', (options) => {
  expect(() => distilled.checkOptions(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test('says so where the weights are not what was written', async () => {
  const manifest = await prepare();
  const { artefacts, ...others } = contextWith(folder, notingModel());
  const path = await artefacts.path(manifest.artefacts['weights'] ?? '');
  const copy = await mkdtemp(join(folder, 'copy-'));
  await writeFile(join(copy, 'classifier.bin'), (await readFile(join(path, 'classifier.bin'))).subarray(1));
  const broken = { ...others, artefacts: { ...artefacts, path: async () => copy } };
  await expect(distilled.restore(manifest, broken)).rejects.toMatchObject({ code: 'artefact-unreadable' });
});
