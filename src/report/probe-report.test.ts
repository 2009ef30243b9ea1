import { expect, it } from 'vitest';
import { brokenIds, tagsOf } from './markup.fixture.ts';
import { renderProbeReport } from './probe-report.ts';
import { probedInput } from './probes.fixture.ts';

const of = (rung: string) => {
  const { probes } = probedInput().evidence!.candidates.find((candidate) => candidate.rung === rung)!;
  return probes!.map((findings) => ({
    ...findings,
    task: 'support',
    rung,
    candidate: 'c_0123456789ab',
    model: 'nano',
    seed: 7,
    confidence: 0.9,
    spent: { dollars: 0.02, calls: 144, cached: 12, seconds: 3 },
  }));
};

it('is a page of its own for one finding', () => {
  const [, jailbreak] = of('few-shot');
  const page = renderProbeReport([jailbreak!]);
  expect(() => tagsOf(page)).not.toThrow();
  expect(brokenIds(page)).toEqual([]);
  expect(page).toContain('<h1>Probe <bdi>jailbreak</bdi></h1>');
  expect(page).toContain('144 calls, 12 answers from the store, $0.02, 3.0 s');
  expect(page).toContain('Intervals at 90 % confidence');
  expect([...page.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1])).toEqual(['probe-jailbreak']);
});

it('sets several rungs side by side', () => {
  const [a, b] = [of('few-shot'), of('fine-tuned')];
  const page = renderProbeReport([a[0]!, a[1]!, b[0]!, b[1]!]);
  expect([...page.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1])).toEqual(['probe-drift', 'probe-jailbreak']);
  expect(page.match(/<td class="heat[ "]/g)).toHaveLength(18);
});

it('is empty, and whole, where nothing was probed', () => {
  const page = renderProbeReport([]);
  expect(() => tagsOf(page)).not.toThrow();
  expect(brokenIds(page)).toEqual([]);
});
