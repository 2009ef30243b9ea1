import type { DataCheck, DataCheckFamily, DataCheckPass, DataFinding, DataScore } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { type ScoredFamily, scoresOf } from './check-data-scores.ts';

/** The file as the document names it. */
export interface CheckedFile {
  readonly file: string;
  readonly format: string;
  readonly container: string;
  readonly recognised: string;
}

/** What `rung data check --json` prints. */
export interface DataCheckDocument extends CheckedFile {
  readonly schema: 'rung.data-check/1';
  /** Rows that were read, unreadable ones included. */
  readonly rows: number;
  /** Where not all rows were read: the share asked for, and the rows of the file. */
  readonly sampled?: { readonly share: number; readonly of: number };
  /** False where a finding is an error. */
  readonly ok: boolean;
  readonly findings: readonly DataFinding[];
  /** From 0 to 1; absent where it was not measured. */
  readonly scores: Partial<Readonly<Record<ScoredFamily, number>>>;
  /** The scores with their parts: method, n, and an interval where only a sample was read. */
  readonly measures: Partial<Readonly<Record<ScoredFamily, readonly DataScore[]>>>;
  readonly tokens: JsonObject;
  readonly duplicates: JsonObject;
  readonly leaks: JsonObject;
  /** What each check saw, by its id. */
  readonly figures: Readonly<Record<string, JsonObject>>;
  readonly seconds: { readonly total: number; readonly reading: number; readonly checks: Readonly<Record<string, number>> };
}

interface Gathered {
  readonly about: CheckedFile;
  readonly rows: number;
  readonly sampled?: DataCheckDocument['sampled'];
  readonly findings: readonly DataFinding[];
  readonly passes: readonly { readonly check: DataCheck; readonly pass: DataCheckPass }[];
  readonly seconds: DataCheckDocument['seconds'];
}

const severities = ['error', 'warning', 'info'] as const;

/** The document of a finished check: findings by severity and then by the number of rows. */
export function documentOf({ about, rows, sampled, findings, passes, seconds }: Gathered): DataCheckDocument {
  const sorted = [...findings].sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.count - a.count || (a.rule < b.rule ? -1 : 1),
  );
  const figures = passes.flatMap(({ check, pass }) => {
    const seen = pass.figures?.();
    return seen === undefined ? [] : [{ check, seen }];
  });
  const measures = scoresOf(rows, sorted, passes, sampled !== undefined);
  return {
    schema: 'rung.data-check/1',
    ...about,
    rows,
    ...(sampled !== undefined && { sampled }),
    ok: sorted.every(({ severity }) => severity !== 'error'),
    findings: sorted,
    scores: Object.fromEntries(Object.entries(measures).map(([family, parts]) => [family, meanOf(parts)])),
    measures,
    tokens: figures.find(({ check }) => check.id === 'form-length')?.seen ?? {},
    duplicates: familyFigures('diverse', figures, sorted),
    leaks: familyFigures('leaks', figures, sorted),
    figures: Object.fromEntries(figures.map(({ check, seen }) => [check.id, seen])),
    seconds,
  };
}

/** The figures of a family's checks, with the rows that each of its rules is about. */
function familyFigures(
  family: DataCheckFamily,
  figures: readonly { readonly check: DataCheck; readonly seen: JsonObject }[],
  findings: readonly DataFinding[],
): JsonObject {
  const found = findings.filter((finding) => finding.family === family).map(({ rule, count }) => [rule, count] as const);
  const seen = figures.filter(({ check }) => check.family === family);
  return {
    ...(found.length > 0 && { rows: Object.fromEntries(found) }),
    ...Object.fromEntries(seen.map(({ check, seen: figure }) => [check.id, figure])),
  };
}

function meanOf(parts: readonly DataScore[]): number {
  return Math.round((parts.reduce((sum, { value }) => sum + value, 0) / parts.length) * 1e4) / 1e4;
}
