import type { MeasuredRow } from '#core/approach.ts';
import type { Output } from '#core/output.ts';
import { failuresOf } from './optimized-failures.ts';
import type { Trial } from './optimized-history.ts';
import { meanScore } from './optimized-race.ts';

const modesKept = 6;

/** What a search says of a trial, besides its figures. */
export type TrialAbout = Pick<Trial, 'parent' | 'kind' | 'hypothesis' | 'change' | 'gain' | 'kept' | 'why'>;

/** What the rows of a trial came to. */
export function figuresOf(
  rows: readonly MeasuredRow[],
  output: Output,
  { confidence, seed }: { readonly confidence: number; readonly seed: number },
): Pick<Trial, 'value' | 'rows' | 'tokens' | 'latencyMs' | 'failures'> {
  const tokens = rows
    .flatMap(({ answer }) => (answer === undefined ? [] : [promptTokens(answer.calls)]))
    .filter((each) => !Number.isNaN(each));
  const times = rows.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs])).sort((a, b) => a - b);
  return {
    value: meanScore(rows, confidence, seed),
    rows: rows.length,
    tokens: tokens.length === 0 ? null : tokens.reduce((sum, each) => sum + each, 0) / tokens.length,
    latencyMs: times[Math.floor(times.length / 2)] ?? null,
    failures: failuresOf(rows, output)
      .slice(0, modesKept)
      .map(({ name, rows: n, of }) => ({ name, rows: n, of })),
  };
}

/** NaN where one of the calls does not say. */
function promptTokens(calls: NonNullable<MeasuredRow['answer']>['calls']): number {
  return calls.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? Number.NaN), 0);
}
