import type { ChanceLine } from './cheapest-chance.ts';
import { type Coverage, isNear } from './coverage.ts';
import { dollarText, percentText } from './figure.ts';
import type { Flips } from './flips.ts';
import type { DistanceLine } from './near-bar.ts';
import { bestOf, type RegretLine } from './regret.ts';
import type { CallsLine, ErrorLine, Results } from './results.ts';

export function coverageTable(lines: readonly Coverage[]): string {
  return table(
    ['interval', 'of', 'promised', 'holds the truth', 'remark'],
    lines.map(({ why, ...line }) => [
      line.method,
      line.setting,
      line.contrast ? 'none' : `${line.atLeast ? 'at least ' : ''}${line.nominal * 100} %`,
      percentText(line.share, 2),
      [...(line.without === 0 ? [] : [`no interval in ${line.without}`]), ...(why === undefined || isNear(line) ? [] : [why])].join('; '),
    ]),
  );
}

export function errorTable(lines: readonly ErrorLine[]): string {
  return table(
    ['worlds', 'decisions', 'chosen wrongly', 'any wrongly met', 'any wrongly missed', 'missed', 'undecided'],
    lines.map((line) => [
      line.name,
      line.decisions.toLocaleString('en-US'),
      ...[line.chosenWrong, line.anyWronglyMet, line.anyWronglyMissed, line.missed, line.undecided].map((figure) => percentText(figure)),
    ]),
  );
}

export function callsTable(lines: readonly CallsLine[]): string {
  return table(
    ['worlds', 'calls asked for', 'undecided, all rows', 'undecided, early stop'],
    lines.map(({ name, calls, undecidedAllRows, undecidedEarlyStop }) => [
      name,
      percentText(calls),
      percentText(undecidedAllRows),
      percentText(undecidedEarlyStop),
    ]),
  );
}

export function regretTable(lines: readonly RegretLine[]): string {
  const best = bestOf(lines);
  return table(
    ['way to a rung', 'mean regret', 'share of the stake', 'not good enough', 'the verdict’s regret as a share of this'],
    lines.map((line, index) => [
      line === best ? `**${line.policy.name}** (the best rival)` : line.policy.name,
      dollarText(line.dollars),
      percentText(line.ofStake),
      percentText(line.under),
      index === 0 ? '' : percentText(line.verdictShare, 0),
    ]),
  );
}

export function sensitivityTable({ sensitivity }: Results): string {
  return table(
    ['price of a missing right answer', 'the verdict', 'the best rival', 'its regret', 'the verdict’s regret as a share of this'],
    sensitivity.map(({ missingAnswer, lines }) => {
      const best = bestOf(lines);
      return [
        `$${missingAnswer}`,
        dollarText(lines[0]?.dollars),
        best?.policy.name ?? '–',
        dollarText(best?.dollars),
        percentText(best?.verdictShare, 0),
      ];
    }),
  );
}

export function flipsTable(allRows: Flips, earlyStop: Flips): string {
  const line = (name: string, key: Exclude<keyof Flips, 'pairs'>) => [name, percentText(allRows[key]), percentText(earlyStop[key])];
  return table(
    ['of two climbs on fresh rows', 'all rows', 'early stop'],
    [
      line('one says met, the other not met', 'contradict'),
      line('a rung is called good enough by one and not good enough by the other', 'rungContradicts'),
      line('one chooses a rung that the other calls not good enough', 'chosenContradicted'),
      line('both choose, and not the same rung (of those in which both choose)', 'otherChosen'),
      line('one is undecided and the other is not', 'oneUndecided'),
    ],
  );
}

export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}

export function distanceTable(lines: readonly DistanceLine[]): string {
  return table(
    ['true distance from the bar', 'rungs', 'of all rows', 'asked for', 'decided, all rows', 'decided, early stop'],
    lines.map(({ name, rungs, ofRows, asked, decidedAllRows, decidedEarlyStop }) => [
      name,
      rungs.toLocaleString('en-US'),
      `${(ofRows * 100).toFixed(0)} %`,
      percentText(asked),
      percentText(decidedAllRows),
      percentText(decidedEarlyStop),
    ]),
  );
}

export function chanceTable(lines: readonly ChanceLine[]): string {
  return table(
    ['chance given', 'verdicts', 'mean of the chances given', 'came true'],
    lines.map(({ name, verdicts, said, came }) => [
      name,
      verdicts.toLocaleString('en-US'),
      verdicts === 0 ? '–' : `${(said * 100).toFixed(1)} %`,
      percentText(came),
    ]),
  );
}
