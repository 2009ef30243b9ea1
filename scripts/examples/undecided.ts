import type { Row } from './collect.ts';
import type { Random } from './random.ts';
import { supportRows, type Team, teams } from './support.ts';

const count = 160;

interface Recorded {
  /** Answers that name the right team. */
  readonly right: number;
  readonly milliseconds: readonly [least: number, most: number];
}

const models = {
  compact: { right: 118, milliseconds: [180, 420] },
  large: { right: 150, milliseconds: [420, 1100] },
} as const satisfies Record<string, Recorded>;

/** Messages to a shop, all of them to test on. */
export function undecidedRows(random: Random): Row[] {
  return supportRows(count, random).map((row) => ({ ...row, split: 'test' }));
}

/** What two models answered in a trial, one message a line. */
export function recordedAnswers(rows: readonly Row[], random: Random): string {
  const columns = Object.values(models).map((model) => answersOf(model, rows, random));
  const header = ['message', ...Object.keys(models).flatMap((name) => [name, `${name}_tokens`, `${name}_ms`])];
  const lines = rows.map(({ input }, row) => [`"${input}"`, ...columns.flatMap((column) => column[row]!)]);
  return [header, ...lines].map((cells) => `${cells.join(',')}\n`).join('');
}

function answersOf({ right, milliseconds: [least, most] }: Recorded, rows: readonly Row[], random: Random): string[][] {
  const isRight = random.shuffled(rows.map((_, index) => index < right));
  return rows.map(({ input, expected }, row) => {
    const others = teams.filter((team) => team !== (expected as Team));
    const answer = isRight[row] ? (expected as Team) : random.pick(others);
    // a long prompt with the rules of every team, and about four characters a token
    const tokens = 900 + Math.round(input.length / 4);
    const milliseconds = Math.round(least + (most - least) * random.next() ** 2);
    return [answer, String(tokens), String(milliseconds)];
  });
}
