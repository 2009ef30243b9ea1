import { splitNames } from '#core/example.ts';
import type { Row } from './collect.ts';
import type { Random } from './random.ts';
import { supportRows, type Team, teams } from './support.ts';

// Part of the file → rows. Only the test rows come from the month in which the desk changed.
const sizes = { train: 280, validation: 80, test: 240 };
/** Share of the test rows that were imported from the new desk. */
const imported = 0.75;

/**
 * Messages to a shop whose labels went wrong in an import: the old desk numbers its queues from 0, the new one from 1, so
 * that every message of the new desk bears the label of the next team.
 */
export function floorRows(random: Random): Row[] {
  const splits = splitNames.flatMap((split) => Array.from({ length: sizes[split] }, () => split));
  const sides = random.shuffled(splits);
  return supportRows(sides.length, random).map((row, index) => {
    const split = sides[index]!;
    const isImported = split === 'test' && random.next() < imported;
    return {
      ...row,
      expected: isImported ? nextTeam(row.expected as Team) : row.expected,
      tags: [...row.tags, isImported ? 'new-desk' : 'old-desk'],
      split,
    };
  });
}

function nextTeam(team: Team): Team {
  return teams[(teams.indexOf(team) + 1) % teams.length]!;
}
