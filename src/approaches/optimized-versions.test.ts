import { describe, expect, it } from 'vitest';
import type { Manifest } from '#core/candidate.ts';
import type { Estimate } from '#core/estimate.ts';
import { formatPromptFile, readPromptFile } from '#data/prompt-file.ts';
import type { OptimisationHistory, Trial, Variant } from './optimized-history.ts';
import { foundVersions } from './optimized-versions.ts';
import { exportedVersion } from './prompt-export.ts';

const manifest: Manifest = {
  schema: 'rung.candidate/1',
  approach: 'optimized',
  name: 'optimized',
  model: { model: 'test/one' },
  state: { prompt: { headed: false, sections: [] }, shots: [], output: { kind: 'text' }, maxOutputTokens: 40 },
  artefacts: { trials: 'a_1' },
};

function trial(n: number, kept: boolean): Trial {
  const value = { value: 0.5 + n / 10, low: 0.4, high: 0.9, n: 20, method: 'wilson' };
  return {
    ...{ n, parent: n - 1, candidate: `c_${n}23456789abc`, kind: 'k', hypothesis: `hope ${n}`, change: '+', value, gain: null, rows: 20 },
    ...{ kept, why: '', calls: n, tokens: null, latencyMs: null, failures: [] },
  };
}

function saying(text: string, more: Partial<Variant> = {}): Variant {
  return { prompt: { headed: false, sections: [{ heading: 'Task', text }] }, shots: [], ...more };
}

const base = { n: 0, variant: saying('a') };

function historyOf(lineage: OptimisationHistory['lineage']): OptimisationHistory {
  const trials = [0, 1, 2, 3].map((n) =>
    trial(
      n,
      lineage.some((step) => step.n === n),
    ),
  );
  const best = lineage.at(-1)!.n;
  const plateau = { reached: true, why: '', calls: 1 };
  const rest = { held: null, front: [], calls: 9, allowed: 9, confidence: 0.95, notes: [] };
  return { schema: 'rung.optimisation/1', trials, best, ended: 'plateau', plateau, lineage, ...rest };
}

const metricsOf = (value: Trial['value']): Record<string, Estimate> => (value === null ? {} : { accuracy: value });

describe('what a search found, as prompt versions', () => {
  it('are the steps that led to the best one, each made from the one before', () => {
    const lineage = [saying('a'), saying('b'), saying('c {{labels}}')].map((variant, at) => ({ n: [0, 1, 3][at]!, variant }));
    const found = foundVersions(historyOf(lineage), manifest, metricsOf);
    expect(found).toMatchObject([
      { name: 'optimised-123456', author: 'optimiser', hypothesis: 'hope 1', maxOutputTokens: 40 },
      {
        name: 'optimised-323456',
        parent: 'optimised-123456',
        scores: [{ metric: 'accuracy', value: 0.8, split: 'validation', model: 'test/one' }],
      },
    ]);
    expect(found[0]).not.toHaveProperty('parent');
  });

  it('come back from their files as they were sent, braces that are no slot included', () => {
    const variant = saying('Say {{labels}} and {x}.', { shots: [{ input: 'hello {{query}}', answer: 'post' }] });
    const [found] = foundVersions(historyOf([base, { n: 1, variant }]), manifest, metricsOf);
    const { name, ...version } = found!;
    const read = readPromptFile(formatPromptFile(version), name, 'prompts/x.md');
    const asExported = exportedVersion({ ...manifest, state: { ...manifest.state, ...(variant as object) } });
    expect(read.prompt).toEqual(asExported.prompt);
    expect(read.shots).toEqual(variant.shots);
  });

  it('leave out versions whose examples are looked up, and the baseline', () => {
    const near = saying('b', { nearest: { shots: 4, search: 'bm25', from: 'all', order: 'nearest-last' } });
    expect(foundVersions(historyOf([base, { n: 1, variant: near }]), manifest, metricsOf)).toEqual([]);
    expect(foundVersions(historyOf([base]), manifest, metricsOf)).toEqual([]);
  });
});
