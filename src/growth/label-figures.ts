import type { Estimate } from '#core/estimate.ts';
import type { LabelAct } from '#data/grow/label-event.ts';
import { finalLabel, type LabelLedger } from '#data/grow/label-ledger.ts';
import type { LabelRow } from '#data/grow/label-row.ts';
import { cohenKappa } from '#statistics/judge.ts';
import { meanEstimate } from '#statistics/mean.ts';
import { proportionEstimate } from '#statistics/proportion.ts';

export interface LabelProgress {
  /** Rows of the file that can be labelled, and those with an answer: of the file, or of people who agree. */
  readonly rows: number;
  readonly labelled: number;
  readonly skipped: number;
  /** Rows on which people disagree and nobody decided. */
  readonly disagreements: number;
  /** Labels a person gave, by name. */
  readonly people: Readonly<Record<string, number>>;
  /** Rows of each label, most first; the first hundred. */
  readonly balance: readonly { readonly label: string; readonly rows: number }[];
}

export interface PairAgreement {
  readonly people: readonly [string, string];
  /** Share of the rows that both labelled alike. */
  readonly agreed: Estimate;
  /** Absent on fewer than ten rows, and where both only ever gave one and the same label. */
  readonly kappa?: Estimate;
}

export interface Disagreement {
  readonly line: number;
  readonly id?: string;
  readonly labels: readonly { readonly by: string; readonly label: string }[];
  readonly decided?: { readonly by: string; readonly label: string };
}

const listedLabels = 100;
/** A longer gap between two labels is a break, not work. */
const breakMilliseconds = 120_000;
const fewestGaps = 5;
/** Ours: the interval of kappa is one for many rows. */
const fewestCommon = 10;

export function labelProgress(rows: readonly LabelRow[], ledger: LabelLedger): LabelProgress {
  const counts = new Map<string, number>();
  const people = new Map<string, number>();
  const told = { labelled: 0, skipped: 0, disagreements: 0 };
  for (const { key, answer } of rows) {
    const labels = ledger.of(key);
    const final = finalLabel(labels);
    for (const by of labels?.people.keys() ?? []) people.set(by, (people.get(by) ?? 0) + 1);
    if (final === 'disagreement') told.disagreements += 1;
    const label = final === 'disagreement' ? undefined : (final?.label ?? answer);
    if (label === undefined) {
      if (labels !== undefined && labels.people.size === 0) told.skipped += 1;
      continue;
    }
    told.labelled += 1;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const balance = [...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1)).slice(0, listedLabels);
  return {
    rows: rows.length,
    ...told,
    people: Object.fromEntries(people),
    balance: balance.map(([label, count]) => ({ label, rows: count })),
  };
}

/** Every two people with rows in common. */
export function pairAgreements(rows: readonly LabelRow[], ledger: LabelLedger, confidence: number): PairAgreement[] {
  const pairs = new Map<string, { people: [string, string]; marks: { judge: string; human: string }[] }>();
  for (const { key } of rows) {
    const people = [...(ledger.of(key)?.people.values() ?? [])].sort((one, other) => (one.by < other.by ? -1 : 1));
    for (const [at, one] of people.entries()) {
      for (const other of people.slice(at + 1)) {
        const name = JSON.stringify([one.by, other.by]);
        const pair = pairs.get(name) ?? { people: [one.by, other.by], marks: [] };
        pair.marks.push({ judge: one.label, human: other.label });
        pairs.set(name, pair);
      }
    }
  }
  return [...pairs.values()].map(({ people, marks }) => {
    const kappa = marks.length < fewestCommon ? undefined : cohenKappa(marks, { confidence });
    const alike = marks.filter(({ judge, human }) => judge === human).length;
    return { people, agreed: proportionEstimate(alike, marks.length, confidence)!, ...(kappa === undefined ? {} : { kappa }) };
  });
}

/** The rows that people labelled differently, decided or not, in the order of the file. */
export function disagreements(rows: readonly LabelRow[], ledger: LabelLedger): Disagreement[] {
  return rows.flatMap(({ key, row }) => {
    const labels = ledger.of(key);
    const given = [...(labels?.people.values() ?? [])].map(({ by, label }) => ({ by, label }));
    if (new Set(given.map(({ label }) => label)).size < 2) return [];
    const { decided } = labels!;
    return [
      {
        line: row.line,
        ...(row.id === undefined ? {} : { id: row.id }),
        labels: given,
        ...(decided === undefined ? {} : { decided: { by: decided.by, label: decided.label } }),
      },
    ];
  });
}

/** Milliseconds that a person takes for a label, and for those that are left; undefined before five labels without a break between them. */
export function labelPace(
  acts: readonly LabelAct[],
  by: string,
  left: number,
  confidence: number,
): { readonly each: Estimate; readonly left: Estimate } | undefined {
  const own = acts.filter((act) => act.by === by);
  const gaps = own.slice(1).map(({ at }, index) => at - own[index]!.at);
  const worked = gaps.filter((gap) => gap >= 0 && gap < breakMilliseconds);
  const mean = worked.length < fewestGaps ? undefined : meanEstimate(Float64Array.from(worked), confidence);
  if (mean === undefined) return undefined;
  const each = { ...mean, low: Math.max(0, mean.low) };
  const method = `${each.method} of the time between labels`;
  return { each, left: { value: each.value * left, low: each.low * left, high: each.high * left, n: each.n, method } };
}
