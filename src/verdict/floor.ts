import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { FloorFindings } from '#core/verdict.ts';
import type { Choice } from './choose.ts';
import type { Grounds } from './grounds.ts';
import { labelPairOf, labelPairs } from './label-pairs.ts';
import { wasMeasured } from './measured-rows.ts';

const shown = 10;
/** Rungs that must agree against a label before it is suspected: one alone is more likely wrong itself. */
const agreeing = 2;

/** What to look at where even the best rung stays under the floor; null otherwise. */
export function floorOf(choice: Choice, metric: Metric | undefined, evidence: EvidenceSet, { task }: Grounds): FloorFindings | null {
  if (choice.kind !== 'below-floor' || choice.best === undefined || metric === undefined) return null;
  const best = choice.best.measures.evidence;
  return {
    floor: task.floor,
    best: best.rung,
    confusions: commonest(
      labelPairs(best, evidence)
        .filter(({ expected, answered }) => expected !== answered)
        .map(({ expected, answered = 'no label' }) => ({ expected, answered })),
    ),
    suspects: suspectsOf(evidence),
    failedByAll: failedByAll(metric, evidence),
  };
}

function commonest(pairs: readonly { expected: string; answered: string }[]): FloorFindings['confusions'] {
  const counts = new Map<string, FloorFindings['confusions'][number]>();
  for (const { expected, answered } of pairs) {
    const key = JSON.stringify([expected, answered]);
    const known = counts.get(key) ?? { expected, answered, rows: 0 };
    known.rows++;
    counts.set(key, known);
  }
  return [...counts.values()].sort((a, b) => b.rows - a.rows).slice(0, shown);
}

/** Rows on which most rungs give the same answer against the label: the label, rather than the rungs, may be wrong. */
function suspectsOf(evidence: EvidenceSet): FloorFindings['suspects'] {
  const found = evidence.examples.flatMap((example, row) => {
    const pairs = evidence.candidates.flatMap((candidate) => labelPairOf(candidate, evidence, row) ?? []);
    const votes = new Map<string, number>();
    for (const { answered } of pairs) if (answered !== undefined) votes.set(answered, (votes.get(answered) ?? 0) + 1);
    const [answered, rungs] = [...votes].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
    const expected = pairs[0]?.expected;
    if (expected === undefined || answered === expected || rungs < agreeing || rungs * 2 <= pairs.length) return [];
    return [{ example: example.id, expected, answered, rungs }];
  });
  return found.sort((a, b) => b.rungs - a.rungs).slice(0, shown);
}

/** Rows that no rung got right, of those that more than one rung measured. */
function failedByAll(metric: Metric, evidence: EvidenceSet): FloorFindings['failedByAll'] {
  const examples: string[] = [];
  let of = 0;
  for (const [row, example] of evidence.examples.entries()) {
    const scores = evidence.candidates
      .filter((candidate) => wasMeasured(candidate, row))
      .map((candidate) => candidate.scores[metric.id]?.[row] ?? Number.NaN)
      .filter((score) => !Number.isNaN(score));
    if (scores.length < 2) continue;
    of++;
    if (scores.every((score) => score < 0.5)) examples.push(example.id);
  }
  return { rows: examples.length, of, examples: examples.slice(0, shown) };
}
