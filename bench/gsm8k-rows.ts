import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { seededRandom } from '../src/statistics/random.ts';

export const cheapModel = 'mistralai/Mixtral-8x7B-Instruct-v0.1';
export const strongModel = 'gpt-4-1106-preview';

/** One problem with the cheap answer, and whether the cheap and the strong model were right. */
export interface RoutedProblem {
  readonly question: string;
  readonly answer: string;
  readonly right: 0 | 1;
  readonly strong: 0 | 1;
}

export async function readProblems(folder: string): Promise<RoutedProblem[]> {
  const csv = await readFile(join(folder, 'responses.csv'), 'utf8');
  const rows = parse(csv, { columns: true, bom: true }) as Record<string, string>[];
  const truth = (text: string | undefined) => (text === 'True' ? 1 : 0);
  return rows.map((row) => ({
    question: row['prompt'] ?? '',
    answer: row[`${cheapModel}_response`] ?? '',
    right: truth(row[cheapModel]),
    strong: truth(row[strongModel]),
  }));
}

export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean, and the least and the most over the splits. */
export function spread(values: readonly number[], digits: number): string {
  return `${mean(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;
}
