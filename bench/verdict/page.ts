import { percentText } from './figure.ts';
import type { Results } from './results.ts';
import { followUpShare, labelPrice } from './simulate.ts';
import {
  callsTable,
  chanceTable,
  coverageTable,
  distanceTable,
  errorTable,
  flipsTable,
  regretTable,
  sensitivityTable,
  table,
} from './tables.ts';
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
- Test splits of 200 to 2,000 rows, drawn in random order, the same for every rung. Log-normal costs per request, from about $0.00001 for a distilled classifier to $0.1 for a strong model, mostly common to all rungs of a row; set-up of $0 to $12,000, again at every change of requirements for rungs that tune (none to 4 a month); hosting in some; 1,000 to 10 million requests a month; 12 months.
- Goal: accuracy at the bar. Confidence 95 %: the stated error of a whole climb is 5 %. Every world is measured twice, on fresh rows; each time it is decided on all rows, and on the rows that the early stop asks for.

## Intervals

Share of intervals that hold the truth, ${count(results.replications)} replications a line (half as many where rows are resampled, a quarter or a tenth where intervals take long). Sizes, shares and spreads are drawn anew in every replication within the stated range, so a line is an average over them. *At least* marks guarantees that hold at all times together: a miss at any row counts, and holding more than promised is the price of looking whenever one likes, not a fault. Such an interval keeps the best bound of every row so far, so at the end it misses the truth where it did at any row. Lines without a promise are there for comparison.

${coverageTable(results.coverage)}

The intervals of accuracy as the verdict document shows them hold the truth, over all rungs of all worlds: all rows ${percentText(results.shownCoverage.allRows, 2)}; in climbs with the early stop, of rungs that were stopped ${percentText(results.shownCoverage.stoppedEarly, 2)}, of rungs that were measured to the end ${percentText(results.shownCoverage.measuredWhole, 2)}. The last are a selection: a rung whose rows strayed towards a decision was stopped, and is not among them. Goals are judged by the wider bounds that the document gives beside.

## Right and wrong verdicts

*Chosen wrongly*: the verdict names a rung whose true accuracy is under the bar. *Any wrongly met*, *any wrongly missed*: at least one rung of the ladder is called good enough and is not, or not good enough and is. *Missed*: the verdict says that no rung will do, of the worlds in which one would. The first two stay under 5 % by design in every world, not only on average; the hardest one is the last line, in which every rung is ${(justUnder * 100).toFixed(1)} points under the bar.

All rows:

${errorTable([...results.errors.allRows, results.adversarial.allRows])}

Early stop:

${errorTable([...results.errors.earlyStop, results.adversarial.earlyStop])}

## Model calls

Answers that the climb with the early stop asked for, over those of the same decision on all rows of all rungs, at the same stated error; beside, what the early stop costs in verdicts that stay undecided.

${callsTable(results.calls)}

How near a rung is to the bar decides how much it must be asked, so the figure of the whole is one of these worlds: what it would be elsewhere can be read from this.

${distanceTable(results.distances)}

## Regret

US dollars over 12 months (set-up, hosting, changes, requests) against an oracle who runs the cheapest rung that is truly good enough. A rung that is good enough loses what it costs more. A rung under the bar is charged for every right answer that the bar asks for and it does not give, at a price drawn per world from $0.05 to $2 which the decision is not told; what it saves does not count, since the goal is broken. Where no rung is good enough, the oracle runs the one whose cost and lacking answers together cost least.

A verdict may name no rung, because it is undecided or because none will do. Something must run all the same: the lines say what. An undecided verdict names the rows that would decide it; *the rows it asks for* are a new test split of that size, at $${labelPrice} for every label besides the requests, where that is at most ${followUpShare * 100} % of what lies between the dearest and the cheapest rung that may do (${count(results.followedUp.asked)} of ${count(results.followedUp.undecided)} undecided verdicts; then decided: ${percentText(results.followedUp.decided)}; then wrongly chosen: ${percentText(results.followedUp.wrong)}). Averages are over all rows of all rungs, but for the verdict's own, which are over the rows it asked for. *Not good enough*: it runs a rung under the bar, in a world where another would do. *Share of the stake* is regret over that of the worst rung of each world, so that worlds of every volume count alike. Rules of thumb name a kind of rung: the cheapest of that kind over the horizon is taken (a tuned one where the ladder has no hybrid; a prompt where the rule takes no side or sends to retrieval). *With hindsight* the truly best of that kind is taken, which nobody could know.

${regretTable(results.regret)}

Only where the verdict names a rung:

${regretTable(results.regretWhereMet.filter(({ policy }) => policy.isFallback !== true))}

How the price of a missing right answer matters, all worlds:

${sensitivityTable(results)}

Where a right answer is worth less than the bar makes one pay for it, whoever ignores the bar loses less: then the bar is the mistake. Where it is worth so much that every answer counts, the best average is what one wants, and the bar is too low. A verdict holds to the goal that it was given.

## The chance that the chosen rung is the cheapest

The verdict gives a chance that no cheaper rung will do. It came true where the chosen rung truly is the cheapest of those that are good enough.

${chanceTable(results.chances)}

## The same world measured twice

${flipsTable(results.flips.allRows, results.flips.earlyStop)}
`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
