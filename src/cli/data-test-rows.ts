import { detectableDifference, pairsToSee } from '#statistics/power.ts';

/** What a part of the data that is measured on can show. */
export interface TestPower {
  readonly rows: number;
  /** Fewer rows are not reported on. */
  readonly least: number;
  /** Rows with which the difference is seen. */
  readonly toSee: number;
  /** The smallest difference that these rows show; absent where there are none. */
  readonly sees?: number;
  readonly difference: number;
  readonly discordance: number;
  readonly confidence: number;
  readonly power: number;
  readonly method: string;
}

/** With fewer, a 95 % interval of a share near 0.9 is wider than 4 points to each side: too wide to report. */
const leastRows = 200;
const assumed = { discordance: 0.1, confidence: 0.95, power: 0.8 } as const;
const difference = 0.03;
/** So many rows are left to train on, whatever the statistics ask for. */
const mostShare = 0.5;

/** What a test part of so many rows shows of two rungs that disagree on a tenth of them. */
export function testPower(rows: number): TestPower {
  const sees = detectableDifference({ ...assumed, pairs: rows });
  return {
    rows,
    least: leastRows,
    toSee: rowsToSee(),
    ...(sees === undefined ? {} : { sees }),
    difference,
    ...assumed,
    method: 'paired difference of proportions (Lachin 1992)',
  };
}

/** Rows of the test part that the statistics ask for, but never more than half of all. */
export function automaticTestRows(rows: number): number {
  return Math.min(Math.max(leastRows, rowsToSee()), Math.floor(rows * mostShare));
}

function rowsToSee(): number {
  return pairsToSee({ ...assumed, difference }) ?? leastRows;
}

/** A sentence where a test part is too small for what it is there for. */
export function testTooSmall(power: TestPower): string | undefined {
  if (power.rows === 0 || power.rows >= power.toSee) return undefined;
  const sees = power.sees === undefined ? '' : ` These show ${points(power.sees)}.`;
  const least = power.rows < power.least ? `, and ${power.least} are the least to report on` : '';
  return `The test part has ${power.rows} ${power.rows === 1 ? 'row' : 'rows'}; to see ${points(power.difference)} between two rungs that disagree on ${Math.round(power.discordance * 100)} % of the rows takes ${power.toSee} (power ${Math.round(power.power * 100)} %, confidence ${Math.round(power.confidence * 100)} %)${least}.${sees} --test-rows auto takes as many as there are, up to half.`;
}

function points(share: number): string {
  return `${Number((share * 100).toFixed(1))} points`;
}
