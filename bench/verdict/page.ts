import type { Coverage } from './coverage.ts';
import { dollarText, percentText } from './figure.ts';
import type { Flips } from './flips.ts';
import { bestRival, type RegretLine } from './regret.ts';
import type { CallsLine, ErrorLine, Results } from './results.ts';
import { wantedFigures } from './wanted.ts';
import { justUnder } from './world.ts';

/** docs/proof.md, whole. */
export function proofPage(results: Results): string {
  const { worlds, adversarialWorlds, seed } = results;
  const count = (value: number) => value.toLocaleString('en-US');
  return `# The proof

What Rung says of a task cannot be checked on the task: nobody knows the truth there. Here it is checked where the truth is known, in ${count(worlds)} simulated tasks, and in ${count(adversarialWorlds)} more that are made to mislead it. The code that decides is the code that ships: [\`decide\`](../src/verdict/decide.ts) and [\`earlyStop\`](../src/verdict/early-stop.ts). This page is written by

    npm run bench -- verdict --worlds ${worlds} --seed ${seed} --write

Numbers in brackets are 95 % Monte Carlo intervals: Wilson's for shares (cases of one world counted as one group), Student's t for means, resampled worlds for ratios.

## In short

${table(
  ['figure', 'wanted', 'measured', 'reached'],
  wantedFigures(results).map(({ name, wanted, measured, reached }) => [name, wanted, measured, reached ? 'yes' : '**no**']),
)}

${wantedFigures(results)
  .filter(({ reached }) => !reached)
  .map(({ name, why }) => `- **${capital(name)}**: ${why}`)
  .join('\n')}

## The simulated worlds

- A ladder of 3 to 6 rungs, always with a plain prompt and a rung that tunes; besides: few-shot, optimised prompt, stronger model, distilled classifier, fine-tune, hybrid. Every rung has a true accuracy; the bar is 70, 75, 80, 85, 90 or 95 %; a rung is good enough where its true accuracy is at the bar or above.
- Families: usual ladders (50 % of the worlds: gains in log-odds, larger for tuning the more labels there are), rungs within 3 points of the bar (20 %), every rung above the bar (12 %), every rung 1 to 15 points under it (12 %), every rung below the floor of 50 % (6 %).
- Whether a rung is right on a row comes from a Gaussian copula: latent correlation of 0.2 to 0.9 between rungs on one row. In 30 % of the worlds rows come in groups of 2 to 10 which share 20 to 80 % of the latent variance. In 12 % the scores are a judge's (right answers passed with 85 to 99 %, wrong ones with 3 to 25 %), with 150 to 600 answers that people marked too.
- Test splits of 200 to 2,000 rows, drawn in random order, the same for every rung. Log-normal costs per request around $0.0001 to $0.1, mostly common to all rungs of a row; set-up of $0 to $12,000, again at every change of requirements for rungs that tune (none to 4 a month); hosting in some; 1,000 to 10 million requests a month; 12 months.
- Goal: accuracy at the bar. Confidence 95 %: the stated error of a whole climb is 5 %. Every world is measured twice, on fresh rows; each time it is decided on all rows, and on the rows that the early stop asks for.

## Intervals

Share of intervals that hold the truth, ${count(results.replications)} replications a line (half as many where rows are resampled). Sizes, shares and spreads are drawn anew in every replication within the stated range, so a line is an average over them. *At least* marks guarantees that hold at all times together: there, more than nominal is the price of looking whenever one likes, not a fault.

${coverageTable(results.coverage)}

The intervals of accuracy as the verdict document shows them, over all rungs of all worlds: all rows ${percentText(results.shownCoverage.allRows)}, early stop ${percentText(results.shownCoverage.earlyStop)}.

## Right and wrong verdicts

*Chosen wrongly*: the verdict names a rung whose true accuracy is under the bar. *Any wrongly met*, *any wrongly missed*: at least one rung of the ladder is called good enough and is not, or not good enough and is. *Missed*: the verdict says that no rung will do, of the worlds in which one would. The first two stay under 5 % by design in every world, not only on average; the hardest one is the last line, in which every rung is ${(justUnder * 100).toFixed(1)} points under the bar.

All rows:

${errorTable([...results.errors.allRows, results.adversarial.allRows])}

Early stop:

${errorTable([...results.errors.earlyStop, results.adversarial.earlyStop])}

## Model calls

Answers that the climb with the early stop asked for, over those of the same decision on all rows of all rungs, at the same stated error; beside, what the early stop costs in verdicts that stay undecided.

${callsTable(results.calls)}

## Regret

What running a rung for 12 months costs: set-up, hosting, changes, requests, and for every right answer that the bar asks for and the rung does not give, a price drawn per world from $0.05 to $2, which the decision is not told. Regret is that cost less the cost of the rung that is truly cheapest by it (the oracle's). In nearly all worlds in which a rung would do, that is the cheapest rung which is truly good enough.

A verdict may name no rung, because it is undecided or because none will do. Something must run all the same: the lines say what. *Share of the stake* is regret over the difference between the worst and the best rung of each world, so that worlds of every volume count alike. Rules of thumb name a kind of rung: the cheapest of that kind over the horizon is taken (a tuned one where the ladder has no hybrid; a prompt where the rule takes no side or sends to retrieval). *With hindsight* the truly best of that kind is taken, which nobody could know.

${regretTable(results.regret)}

Only where the verdict names a rung:

${regretTable(results.regretWhereMet)}

How the price of a missing right answer matters, all worlds:

${sensitivityTable(results)}

## The same world measured twice

${flipsTable(results.flips.allRows, results.flips.earlyStop)}
`;
}

function coverageTable(lines: readonly Coverage[]): string {
  return table(
    ['interval', 'of', 'nominal', 'holds the truth', 'remark'],
    lines.map(({ method, setting, nominal, atLeast, share, without, why }) => [
      method,
      setting,
      `${atLeast ? 'at least ' : ''}${nominal * 100} %`,
      percentText(share, 2),
      [...(without === 0 ? [] : [`no interval in ${without} replications`]), ...(why === undefined ? [] : [why])].join('; '),
    ]),
  );
}

function errorTable(lines: readonly ErrorLine[]): string {
  return table(
    ['worlds', 'decisions', 'chosen wrongly', 'any wrongly met', 'any wrongly missed', 'missed', 'undecided'],
    lines.map((line) => [
      line.name,
      line.decisions.toLocaleString('en-US'),
      ...[line.chosenWrong, line.anyWronglyMet, line.anyWronglyMissed, line.missed, line.undecided].map((figure) => percentText(figure)),
    ]),
  );
}

function callsTable(lines: readonly CallsLine[]): string {
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

function regretTable(lines: readonly RegretLine[]): string {
  const best = bestRival(lines);
  return table(
    ['way to a rung', 'mean regret', 'share of the stake', 'the verdict’s regret as a share of this'],
    lines.map((line, index) => [
      line === best ? `**${line.policy.name}** (the best rival)` : line.policy.name,
      dollarText(line.dollars),
      percentText(line.ofStake),
      index === 0 ? '' : percentText(line.verdictShare, 0),
    ]),
  );
}

function sensitivityTable({ sensitivity }: Results): string {
  return table(
    ['price of a missing right answer', 'the verdict', 'the best rival', 'its regret', 'the verdict’s regret as a share of this'],
    sensitivity.map(({ missingAnswer, lines }) => {
      const best = bestRival(lines);
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

function flipsTable(allRows: Flips, earlyStop: Flips): string {
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

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
