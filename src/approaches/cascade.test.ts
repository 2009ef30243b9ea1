import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import type { CallableModel, Manifest } from '#core/candidate.ts';
import { partId } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { RoutingPlan } from '#core/routing.ts';
import { never } from './approach-contract.fixture.ts';
import { brokenModel, cheapModel, isSlip, judgeModel, scripted, strongModel, sums, sumsContext, sumsInput } from './cascade.fixture.ts';
import { cascade } from './cascade.ts';
import { approaches } from './index.ts';
import { rungOfPart } from './part-rungs.ts';
import { lessIsBetter } from './tuned.fixture.ts';
import { zeroShot } from './zero-shot.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-cascade-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const prepare = (input: PrepareInput, models: readonly CallableModel[] = [cheapModel(), strongModel(), judgeModel()]) =>
  cascade.prepare(input, sumsContext(folder, models));
const routingOf = (manifest: Manifest) => manifest.state['routing'] as unknown as RoutingPlan;
const answer = async (manifest: Manifest, row: number, models: readonly CallableModel[] = [cheapModel(), strongModel(), judgeModel()]) =>
  (await cascade.restore(manifest, sumsContext(folder, models))).answer(sums[row]!.input, { signal: never });

test('shows its bound at the confidence of the task unless told, also where less is better', async () => {
  const context = sumsContext(folder, [cheapModel(), strongModel()]);
  const turned = lessIsBetter(context);
  const at = async (options: PrepareInput['options'], given: ApproachContext) =>
    routingOf(await cascade.prepare({ ...sumsInput(options), confidence: 0.8 }, given));
  const plan = await at({}, context);
  expect(plan).toMatchObject({ lossConfidence: 0.8, why: expect.stringContaining('shown at 80 % confidence') });
  expect(await at({}, turned)).toEqual(plan);
  expect(await at({ lossConfidence: 0.95 }, context)).toMatchObject({ lossConfidence: 0.95 });
});

describe('a cascade without options', () => {
  let manifest: Manifest;
  beforeAll(async () => {
    manifest = await prepare(sumsInput());
  });

  test('learns from answers alone when the cheap part is right, and says what it has shown', () => {
    expect(routingOf(manifest)).toMatchObject({ signal: 'predictor', loss: 0.02, lossConfidence: 0.95, rows: 300 });
    expect(routingOf(manifest).threshold).toBeGreaterThan(0);
    expect(routingOf(manifest).why).toMatch(/^On 300 validation rows accepting 6\d(\.\d)? % .* shown at 95 % confidence/);
    expect(routingOf(manifest).why).not.toContain('A part was itself chosen');
    const [{ area, calibration }] = routingOf(manifest).signals as [RoutingPlan['signals'][number]];
    // a third is wrong, and all of it is found: 1 − (1/3) / 2
    expect(area).toBeCloseTo(5 / 6, 2);
    expect(calibration).toMatchObject({ n: 300 });
  });

  test('keeps a sure answer, and says so', async () => {
    const row = sums.findIndex((_, index) => index > 20 && !isSlip(index));
    const kept = await answer(manifest, row);
    expect(kept.text).toMatch(new RegExp(` ${sums[row]!.expected}$`));
    expect(kept.calls.map(({ model }) => model)).toEqual(['cheap']);
    expect(kept.routed?.accepted).toBe(true);
    expect(kept.confidence).toBe(kept.routed?.confidence);
    expect(kept.steps?.[1]?.text).toMatch(/^0\.\d\d by predictor, accepted from 0\.\d\d on: accepted\.$/);
  });

  test('passes an unsure one on: both calls, their costs and times, and both answers are there', async () => {
    const row = sums.findIndex((_, index) => index > 20 && isSlip(index));
    const passed = await answer(manifest, row);
    expect(passed.text).toMatch(new RegExp(` ${sums[row]!.expected}$`));
    expect(passed.calls.map(({ model, cost, latencyMs }) => [model, cost, latencyMs])).toEqual([
      ['cheap', 1, 1],
      ['strong', 100, 100],
    ]);
    expect(passed.routed?.accepted).toBe(false);
    expect(passed.steps?.map(({ name }) => name)).toEqual(['cheap answer', 'confidence']);
    expect(passed.steps?.[0]?.text).toMatch(/9$/);
    expect(passed.steps?.[1]?.text).toMatch(/passed on\.$/);
  });

  test('answers the same from its manifest and artefacts alone, in another place', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'rung-cascade-'));
    try {
      const models = [cheapModel(), strongModel()];
      const [here, there] = [sumsContext(folder, models), sumsContext(elsewhere, models)];
      for (const id of Object.values(manifest.artefacts)) await there.artefacts.put(await here.artefacts.path(id));
      const restored = await cascade.restore(JSON.parse(JSON.stringify(manifest)), there);
      for (const row of [0, 1, 2, 3])
        expect(await restored.answer(sums[row]!.input, { signal: never })).toEqual(await answer(manifest, row));
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  test('names its parts as the ladder would', async () => {
    const alone = await zeroShot.prepare({ ...sumsInput(), name: 'another name' }, sumsContext(folder, []));
    expect(routingOf(manifest).cheap).toEqual({ part: partId(alone), rung: 'zero-shot', model: 'cheap' });
    expect(routingOf(manifest).strong.part).not.toBe(partId(alone));
  });

  test('asks the strong part where the cheap one cannot answer, but for a wrong key', async () => {
    const { text, calls, steps } = await answer(manifest, 5, [brokenModel('timeout'), strongModel()]);
    expect(text).toMatch(new RegExp(` ${sums[5]!.expected}$`));
    expect(calls).toHaveLength(1);
    expect(steps?.[0]).toMatchObject({ name: 'cheap answer', fault: 'No answer today.' });
    await expect(answer(manifest, 5, [brokenModel('unauthorised'), strongModel()])).rejects.toThrow('No answer today.');
  });

  test('forecasts what it may ask of either model', () => {
    expect(cascade.forecast?.(sumsInput())).toMatchObject({
      prepareCalls: 420,
      callsPerAnswer: 1,
      others: [{ model: 'strong', prepareCalls: 300, callsPerAnswer: 1 }],
    });
    expect(cascade.otherModels?.({}, { base: 'cheap', strong: 'strong' })).toEqual(['strong']);
  });
});

describe('what cannot be shown', () => {
  test('with few rows sends everything to the strong part, and buys nothing of the cheap one', async () => {
    const manifest = await prepare(sumsInput({}, { train: 120, validation: 100 }));
    expect(routingOf(manifest)).toMatchObject({ threshold: null });
    expect(routingOf(manifest).why).toMatch(
      /cannot be shown with 100 validation rows .* Where nothing is lost and nothing won it takes 149 rows/,
    );
    const cheap = cheapModel();
    const { calls, routed } = await answer(manifest, 1, [cheap, strongModel()]);
    expect(calls.map(({ model }) => model)).toEqual(['strong']);
    expect(cheap.asked).toEqual([]);
    expect(routed).toEqual({ accepted: false, confidence: null });
  });

  test('without a validation row, and without a signal', async () => {
    const none = await prepare(sumsInput({}, { train: 0, validation: 0 }));
    expect(routingOf(none).why).toMatch(/^No validation row has a score of both parts/);
    const silent = await prepare(sumsInput({ confidence: 'log-probabilities' }));
    expect(routingOf(silent).why).toMatch(/^No signal tells how sure/);
    expect((await answer(silent, 1)).calls.map(({ model }) => model)).toEqual(['strong']);
  });
});

describe('other signals', () => {
  test('log-probabilities are asked for of the cheap model only, and the better of sum and mean is taken', async () => {
    const cheap = cheapModel({ logProbability: (row) => (isSlip(row) ? -3 : -0.1) });
    const models = [cheap, strongModel()];
    const manifest = await prepare(sumsInput({ confidence: 'log-probabilities' }), models);
    expect(routingOf(manifest)).toMatchObject({ signal: 'log-probabilities' });
    expect(routingOf(manifest).signals).toHaveLength(2);
    expect(manifest.artefacts).toEqual({});
    expect((await answer(manifest, 4, models)).routed?.accepted).toBe(true);
    expect((await answer(manifest, 3, models)).routed?.accepted).toBe(false);
  });

  test('a judge is asked after every cheap answer, and paid for', async () => {
    const manifest = await prepare(sumsInput({ confidence: 'judge' }));
    expect(routingOf(manifest)).toMatchObject({ signal: 'judge' });
    expect((await answer(manifest, 4)).calls.map(({ cost }) => cost)).toEqual([1, 7]);
    expect((await answer(manifest, 3)).calls.map(({ cost }) => cost)).toEqual([1, 7, 100]);
    expect(cascade.otherModels?.({ confidence: 'judge' }, sumsInput().roles)).toEqual(['strong', 'judge']);
  });

  test('votes make the cheap part self-consistency', async () => {
    const manifest = await prepare(sumsInput({ confidence: 'votes', cheap: { prompt: 'plain', votes: 3 } }));
    expect(routingOf(manifest)).toMatchObject({ cheap: { rung: 'self-consistency' } });
    expect(routingOf(manifest).signals.map(({ signal }) => signal)).toEqual(['votes']);
  });
});

test('the classifier of the rung distilled is a cheap part that costs nothing', async () => {
  // words that say the label, and a word that says nothing
  const labelOf = (row: number) => (Math.floor((row * row) / 7) % 2 === 0 ? 'sun' : 'rain');
  const labelled = Array.from({ length: 400 }, (_, row): Example => {
    const expected = labelOf(row);
    const input = row % 5 === 0 ? `It is a day (${row % 9})` : `It is ${expected === 'sun' ? 'bright' : 'wet'} (${row % 9})`;
    return { id: `d${row}`, input: `${input} Sum ${row}:`, expected, tags: [], source: 'human' };
  });
  const strong = scripted('strong', { price: 100, text: labelOf });
  const context = sumsContext(folder, [strong], (text, { expected }) => text === expected);
  const task = { ...sumsInput().task, output: { kind: 'labels' as const, labels: ['sun', 'rain'] } };
  const split = { train: labelled.slice(0, 80), validation: labelled.slice(80, 380) };
  const manifest = await cascade.prepare({ ...sumsInput({ confidence: 'classifier' }), task, ...split }, context);
  expect(routingOf(manifest)).toMatchObject({ signal: 'classifier', cheap: { rung: 'distilled', model: null } });
  // its temperature was fitted on the validation rows
  expect(routingOf(manifest).why).toContain('A part was itself chosen or calibrated on these rows');
  const candidate = await cascade.restore(manifest, context);
  const [sure, unsure] = await Promise.all([labelled[382]!, labelled[385]!].map(({ input }) => candidate.answer(input, { signal: never })));
  expect(sure).toMatchObject({ text: labelOf(382), calls: [], routed: { accepted: true } });
  expect(unsure).toMatchObject({ text: labelOf(385), routed: { accepted: false } });
});

test('every rung that asks one thing may be a part', () => {
  for (const { id } of approaches.filter(({ id }) => id !== 'cascade' && id !== 'hybrid')) expect(rungOfPart(id).id).toBe(id);
  expect(cascade.usesFiles?.({ cheap: { rung: 'pretrained', texts: 'corpus.txt' } })).toEqual({ rows: [], documents: ['corpus.txt'] });
});

test.each([
  [{ loss: 2 }, /loss/],
  [{ lossConfidence: 0.4 }, /lossConfidence/],
  [{ confidence: 'luck' }, /confidence/],
  [{ cheap: { rung: 'cascade' } }, /cannot be made of the rung "cascade"/],
  [{ cheap: { rung: 'zero-shot', shots: 3 } }, /shots/],
  [{ confidence: 'votes', cheap: { rung: 'zero-shot' } }, /cheap part is zero-shot/],
  [{ judge: 'strong' }, /judge/],
])('refuses the options %j', (options, message) => {
  expect(() => cascade.checkOptions(options)).toThrow(message);
});

test.each([
  [{}, { base: 'cheap' }, /model in the role strong/],
  [{ confidence: 'judge' }, { base: 'cheap', strong: 'strong' }, /model in the role judge/],
  [{}, { base: 'cheap', strong: 'cheap' }, /are the same/],
  [{ confidence: 'classifier' }, { base: 'cheap', strong: 'strong' }, /cheap part, distilled, cannot run: It answers with labels only/],
  [{ strong: { rung: 'structured' } }, { base: 'cheap' }, undefined],
  [{}, { base: 'cheap', strong: 'strong' }, undefined],
])('with the options %j and the roles %j skips where it must', (options, roles, why) => {
  const reason = cascade.skip?.({ ...sumsInput(options), roles });
  if (why === undefined) expect(reason).toBeUndefined();
  else expect(reason).toMatch(why);
});
