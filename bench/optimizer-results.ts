import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import type { RungOutcome } from './optimizer-rung.ts';

interface Key {
  readonly task: string;
  readonly contender: string;
  readonly seed: number;
  /** The rivals' calls. */
  readonly budget: number;
}

export interface Results {
  /** The outcome that is there already, or else a new one, which is kept. */
  once(key: Key, measure: () => Promise<RungOutcome>): Promise<RungOutcome>;
}

/** Outcomes as lines of JSON in a file, one a line, so that a bench that was cut off goes on; nothing is kept without a file. */
export async function openResults(file: string | undefined): Promise<Results> {
  const text = file !== undefined && existsSync(file) ? await readFile(file, 'utf8') : '';
  const lines = text.split('\n').filter((line) => line !== '');
  const known = new Map(lines.map((line) => JSON.parse(line) as Key & RungOutcome).map((entry) => [nameOf(entry), entry]));
  return {
    async once(key, measure) {
      const earlier = known.get(nameOf(key));
      if (earlier !== undefined) return earlier;
      const outcome = await measure();
      const mean = outcome.scores.reduce((sum, score) => sum + score, 0) / outcome.scores.length;
      const asked = `${outcome.calls} calls and ${outcome.strongCalls} of the strong model`;
      console.error(`${nameOf(key)}: ${(100 * mean).toFixed(1)} % after ${asked}, ${outcome.seconds.toFixed(0)} s`);
      if (file !== undefined) await appendFile(file, `${JSON.stringify({ ...key, ...outcome })}\n`);
      return outcome;
    },
  };
}

function nameOf({ task, contender, seed, budget }: Key): string {
  return `${task}, ${contender}, draw ${seed} of ${budget} calls`;
}
