import type { Estimate } from '#core/estimate.ts';
import type { Example } from '#core/example.ts';
import type { Verdict } from '#core/verdict.ts';
import { shareEstimate } from '#statistics/proportion.ts';
import type { CheckedRows } from './synthesise-check.ts';
import type { Grown, Tried } from './synthesise-rows.ts';
import type { Teacher } from './synthesise-teacher.ts';

/** The document of `rung data synthesise --json`. */
export interface SynthesisReport {
  readonly schema: 'rung.data-synthesise/1';
  readonly task: string;
  readonly file: string;
  readonly format: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Who answered. */
  readonly candidate: {
    readonly rung: string;
    readonly id: string;
    readonly model: string | null;
    readonly why: string;
    readonly measured: NonNullable<Teacher['measured']> | null;
  };
  /** The model that varied inputs; null where rules did. */
  readonly variedBy: string | null;
  /** Rows that were varied from. */
  readonly read: number;
  readonly wanted: number;
  readonly tried: number;
  readonly written: number;
  readonly ended: Grown['ended'];
  readonly kinds: readonly {
    readonly kind: string;
    readonly by: 'model' | 'rules' | 'both';
    readonly tried: number;
    readonly written: number;
  }[];
  readonly rejected: readonly {
    readonly why: string;
    readonly rows: number;
    readonly kinds: Readonly<Record<string, number>>;
    readonly example: string;
  }[];
  /** Share of the scored answers that reached the minimum; null where nothing could be scored. */
  readonly passed: Estimate | null;
  readonly minimum: number;
  /** Rows that were kept though no metric could score them. */
  readonly unscored: number;
  readonly check: {
    readonly dropped: readonly { readonly row: number; readonly why: string }[];
    readonly findings: CheckedRows['findings'];
  };
  /** Of the training rows with these. */
  readonly share: { readonly synthetic: number; readonly rows: number; readonly value: number };
  readonly lost: readonly { readonly field: string; readonly rows: number }[];
  /** Rows that the format cannot hold. */
  readonly dropped: readonly { readonly row: number; readonly why: string }[];
  readonly warnings: readonly string[];
  readonly seed: number;
  readonly spent: Readonly<Verdict['spent']>;
}

/** Above this share of synthetic rows a warning is given. Half is Rung's own line: the sources show the danger, not a bound. */
export const collapseShare = 0.5;

export const collapseSource =
  'Shumailov et al. 2024, Nature 631:755–759: models trained on what models wrote lose the rare cases first; Gerstgrasser et al. 2024, arXiv 2404.01413: real rows that stay in the data bound the loss';

/** Synthetic rows among the training rows with the new ones. */
export function syntheticShare(train: readonly Example[], written: number): SynthesisReport['share'] {
  const synthetic = train.filter(({ source }) => source === 'synthetic').length + written;
  const rows = train.length + written;
  return { synthetic, rows, value: rows === 0 ? 0 : synthetic / rows };
}

/** Counts by kind, in the order in which kinds were tried. */
export function kindsOf(tried: readonly Tried[], kept: ReadonlySet<Tried>): SynthesisReport['kinds'] {
  const kinds = [...new Set(tried.map(({ attempt }) => attempt.variation.kind))];
  return kinds.map((kind) => {
    const own = tried.filter(({ attempt }) => attempt.variation.kind === kind);
    const byModel = own.filter(({ varied }) => varied?.variedBy !== undefined).length;
    const byRules = own.filter(({ varied }) => varied !== undefined && varied.variedBy === undefined).length;
    const by = byModel === 0 ? 'rules' : byRules === 0 ? 'model' : 'both';
    return { kind, by, tried: own.length, written: own.filter((one) => kept.has(one)).length };
  });
}

/** Rejections by reason, the commonest first. */
export function rejectionsOf(tried: readonly Tried[]): SynthesisReport['rejected'] {
  const byWhy = new Map<string, { rows: number; kinds: Record<string, number>; example: string }>();
  for (const { attempt, rejected } of tried) {
    if (rejected === undefined) continue;
    const { kind } = attempt.variation;
    const known = byWhy.get(rejected.why) ?? { rows: 0, kinds: {}, example: `${attempt.parent.id}, ${kind}: ${rejected.detail}` };
    known.rows++;
    known.kinds[kind] = (known.kinds[kind] ?? 0) + 1;
    byWhy.set(rejected.why, known);
  }
  return [...byWhy].map(([why, rest]) => ({ why, ...rest })).sort((a, b) => b.rows - a.rows || (a.why < b.why ? -1 : 1));
}

/** Of the answers that something could score; tries of one parent count as one cluster. */
export function passedEstimate(tried: readonly Tried[], confidence: number): Estimate | null {
  const scored = tried.filter(({ outcome }) => typeof outcome?.passed === 'boolean');
  const parents = new Map<string, number>();
  const clusters = Int32Array.from(scored, ({ attempt: { parent } }) => {
    const group = parent.group ?? parent.id;
    if (!parents.has(group)) parents.set(group, parents.size);
    return parents.get(group)!;
  });
  const scores = Float64Array.from(scored, ({ outcome }) => (outcome?.passed === true ? 1 : 0));
  return shareEstimate(scores, { confidence, clusters }) ?? null;
}
