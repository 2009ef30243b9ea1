import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { lastAnswer, rowsText } from '#data/check-data-finding.ts';

/** How many rows each kind of change is said to need; a prior, and no more. */
const priors = [
  { purpose: 'style', from: 50, to: 100 },
  { purpose: 'task', from: 200, to: 500 },
  { purpose: 'domain', from: 1000, to: 5000 },
  { purpose: 'behaviour', from: 5000, to: 10_000 },
] as const;

/** Rows against what the kind of change is said to need, and the task's own learning curve where there is one. */
export const enoughRows = defineDataCheck({
  id: 'enough-rows',
  family: 'enough',
  summary: 'rows against what a change of style, task, domain or behaviour is said to need, and the learning curve where there is one',
  source:
    'rules of thumb: OpenAI, guide to supervised fine-tuning ("improvements on 50 to 100 examples"); Zhou et al. 2023, LIMA, arXiv 2305.11206 (1,000 rows); the other bands are practice, ours',
  begin({ options }) {
    const purpose = priors.find((prior) => prior.purpose === options['purpose']) ?? priors[1];
    let answered = 0;
    return {
      row(row) {
        if (lastAnswer(row) !== undefined) answered += 1;
      },
      end(): DataFinding[] {
        return [...tooFew(answered, purpose), ...curveFindings(options['curve'])];
      },
      figures: (): JsonObject => ({
        answered,
        purpose: purpose.purpose,
        priors: priors.map(({ purpose: name, from, to }) => ({
          purpose: name,
          from,
          to,
          standing: answered < from ? 'fewer' : answered <= to ? 'within' : 'more',
        })),
      }),
    };
  },
});

function tooFew(answered: number, { purpose, from, to }: (typeof priors)[number]): DataFinding[] {
  if (answered === 0 || answered >= from) return [];
  const enough = priors.findLast((prior) => answered >= prior.from);
  return [
    {
      rule: 'few-rows',
      family: 'enough',
      severity: answered < priors[0].from ? 'warning' : 'info',
      rows: [],
      count: answered,
      message: `${rowsText(answered)} with an answer: a change of ${purpose} is said to need ${from.toLocaleString('en')} to ${to.toLocaleString('en')}${enough === undefined ? '' : `, a change of ${enough.purpose} ${enough.from.toLocaleString('en')} to ${enough.to.toLocaleString('en')}`}. This is a rule of thumb; the learning curve of the task tells more.`,
      fix: 'Measure before adding: rung climb with --learning-curve fine-tuned says what more rows bring.',
      examples: [],
    },
  ];
}

/** What a decision's learning curve says, as `learningCurve` of a verdict document holds it. */
function curveFindings(curve: unknown): DataFinding[] {
  if (!isJsonObject(curve) || !Array.isArray(curve['forecast']) || !Array.isArray(curve['points'])) return [];
  const [point, ahead] = [curve['points'].at(-1), curve['forecast'].at(-1)];
  const [have, now, then, value] = [numberOf(point, 'rows'), shareAt(point), numberOf(ahead, 'rows'), shareAt(ahead)];
  if (have === undefined || now === undefined || then === undefined || value === undefined) return [];
  return [
    {
      rule: 'learning-curve',
      family: 'enough',
      severity: 'info',
      rows: [],
      count: have,
      message: `By the task's own learning curve, ${then.toLocaleString('en')} rows would bring ${(100 * value).toFixed(1)} % where ${have.toLocaleString('en')} bring ${(100 * now).toFixed(1)} %.`,
      fix: 'Add rows where that gain is worth their price.',
      examples: [],
    },
  ];
}

function numberOf(value: unknown, key: string): number | undefined {
  const number = isJsonObject(value) ? value[key] : undefined;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function shareAt(point: unknown): number | undefined {
  const inner = isJsonObject(point) && isJsonObject(point['estimate']) ? point['estimate'] : point;
  return numberOf(inner, 'value');
}
