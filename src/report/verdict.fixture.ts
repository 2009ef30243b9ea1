import type { Estimate } from '#core/estimate.ts';
import type { FloorFindings, GoalBounds, GoalStatus, Verdict, VerdictRung } from '#core/verdict.ts';

// Wilson's interval at 95 %, so that a made-up count has the width that a measured one would have.
export function proportion(right: number, n: number): Estimate {
  const [z, p] = [1.96, right / n];
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n, method: 'wilson' };
}

export const n = 240;

type Numbers = readonly [
  right: number,
  formed: number,
  gain: number,
  cost: number,
  p50: number,
  p95: number,
  tokens: number,
  seconds: number,
];

export const numbers: Readonly<Record<string, Numbers>> = {
  'zero-shot': [146, 214, 0, 0.0142, 21, 38, 88, 0],
  structured: [158, 233, 0.05, 0.0251, 29, 47, 161, 0],
  'few-shot': [184, 236, 0.1083, 0.0682, 64, 93, 446, 2.6],
  distilled: [197, 240, 0.0542, 0, 0.4, 0.9, 0, 3.1],
  'fine-tuned': [226, 240, 0.1208, 0.0151, 22, 39, 88, 46.2],
};

/** The rung that was stopped: by a sequence, whose interval is wider than that of the same number of rows. */
const stopped = {
  rows: {
    measured: 100,
    of: n,
    stopped: { reason: 'misses-goal' as const, why: 'surely misses accuracy of at least 90 %' },
  },
  metrics: {
    accuracy: { value: 0.61, low: 0.482, high: 0.729, n: 100, method: 'betting sequence' },
    format: { value: 0.89, low: 0.771, high: 0.961, n: 100, method: 'betting sequence' },
  },
};

const asked: NonNullable<VerdictRung['repeats']> = {
  rows: 30,
  agreement: { value: 0.9, low: 0.744, high: 0.965, n: 30, method: 'wilson' },
  passHat: [
    { k: 1, value: 0.767, low: 0.591, high: 0.882, n: 30, method: 'wilson' },
    { k: 3, value: 0.7, low: 0.521, high: 0.833, n: 30, method: 'wilson' },
  ],
};

/** Wider than the shown intervals, as where five rungs share one error rate. */
function boundsOf(metrics: Readonly<Record<string, Estimate>>, p95: number, cost: number): Record<string, GoalBounds> {
  const wider = Object.entries(metrics).map(([metric, { low, high, n: rows, method }]): [string, GoalBounds] => [
    metric,
    { low: Math.max(0, low - 0.003), high: Math.min(1, high + 0.003), n: rows, method },
  ]);
  const rows = metrics['accuracy']!.n;
  return {
    ...Object.fromEntries(wider),
    latencyP95Ms: { low: p95 < 1 ? null : p95 * 0.9, high: p95 * 1.2, n: rows, method: 'order statistics' },
    costPer1k: { low: cost * 0.98, high: cost * 1.02, n: rows, method: 't' },
  };
}

function goalsOf({ accuracy, format }: Readonly<Record<string, GoalBounds>>): Record<string, GoalStatus> {
  const status = ({ low, high }: GoalBounds, bar: number) => (low! >= bar ? 'met' : high! < bar ? 'not-met' : 'undecided');
  return { accuracy: status(accuracy!, 0.9), format: status(format!, 0.98), latencyP95Ms: 'met', costPer1k: 'met' };
}

function rungs(): VerdictRung[] {
  const names = Object.keys(numbers);
  const measured = names.map((rung, index): VerdictRung => {
    const [right, formed, gain, cost, p50, p95, tokens, seconds] = numbers[rung]!;
    const metrics = rung === 'zero-shot' ? stopped.metrics : { accuracy: proportion(right, n), format: proportion(formed, n) };
    const goalBounds = boundsOf(metrics, p95, cost);
    return {
      rung,
      candidate: `c_${rung.replace('-', '')}`,
      model: rung === 'distilled' ? null : 'nano',
      rows: rung === 'zero-shot' ? stopped.rows : { measured: n, of: n },
      metrics,
      goals: goalsOf(goalBounds),
      goalBounds,
      gain:
        index === 0
          ? null
          : {
              over: `c_${names[index - 1]!.replace('-', '')}`,
              value: gain,
              low: gain - 0.048,
              high: gain + 0.047,
              p: [1, 0.041, 0.0002, 0.022, 0.00001][index]!,
              n: index === 1 ? stopped.rows.measured : n,
              method: 'paired exact test (McNemar), Newcombe interval',
            },
      costPer1k: cost,
      latencyMs: { p50, p95 },
      ...(tokens === 0 ? {} : { tokens: { input: tokens, output: 2.4 } }),
      setup: { dollars: 0, seconds },
      horizonCost: cost * 1200 + seconds * 0.002,
      failures: rung === 'zero-shot' ? 2 : 0,
      ...(rung === 'few-shot' ? { repeats: asked } : {}),
    };
  });
  const skipped: VerdictRung = {
    rung: 'cascade',
    candidate: '',
    model: 'nano',
    metrics: {},
    goals: {},
    gain: null,
    setup: { dollars: 0, seconds: 0 },
    skipped: 'needs a second model, and the task names only base',
  };
  return [...measured, skipped];
}

/** What is found where even the best rung stays under the floor. */
export function fixtureFloor(): FloorFindings {
  return {
    floor: 0.5,
    best: 'few-shot',
    confusions: [
      { expected: 'billing', answered: 'shipping', rows: 31 },
      { expected: 'returns', answered: 'technical', rows: 12 },
      { expected: 'returns', answered: 'no label', rows: 4 },
      { expected: 'shipping', answered: 'billing', rows: 1 },
    ],
    suspects: [{ example: 'support-12', expected: 'billing', answered: 'shipping', rungs: 4 }],
    failedByAll: { rows: 88, of: 240, examples: ['support-3', 'support-9', 'support-12', 'support-30'] },
  };
}

/** A verdict as a climb of examples/support would leave it: five rungs measured, one skipped. */
export function fixtureVerdict(): Verdict {
  return {
    schema: 'rung.verdict/1',
    task: 'support',
    status: 'met',
    sentence:
      'Fine-tune nano: 94.2 % of 240 messages reach the right team (90.4–96.5 %), the only rung that meets every goal, for $0.02 per 1,000 requests.',
    chosen: { rung: 'fine-tuned', candidate: 'c_finetuned', cheapest: { chance: 0.981, n, method: '4000 draws of normal means' } },
    rungs: rungs(),
    plateau: {
      reached: true,
      at: 'few-shot',
      signs: ['plateau', 'format'],
      why: 'After few-shot the best prompt stood at 77 % and a further rung of prompting could gain at most 2 points, less than the 3 that matter.',
      looked: [
        { sign: 'plateau', seen: true, why: 'few-shot gains at most 2 points over structured.' },
        { sign: 'format', seen: true, why: 'The content is right and the form is not in 31 of 240 rows.' },
        { sign: 'inconsistent', seen: null, why: 'No row was asked twice.' },
        { sign: 'fights-training', seen: false, why: 'Every answer could be read.' },
        { sign: 'token-cost', seen: false, why: 'The cost per request is within its goal.' },
      ],
    },
    breakEven: [
      { from: 'c_fewshot', to: 'c_finetuned', requests: 1741, low: 1503, high: 2090 },
      { from: 'c_zeroshot', to: 'c_finetuned', requests: null, low: null, high: null },
    ],
    learningCurve: {
      rung: 'distilled',
      metric: 'accuracy',
      points: [
        { rows: 38, seeds: 3, value: 0.54, low: 0.48, high: 0.6, n: 100, method: 't over seeds' },
        { rows: 75, seeds: 3, value: 0.68, low: 0.63, high: 0.73, n: 100, method: 't over seeds' },
        { rows: 150, seeds: 3, value: 0.76, low: 0.72, high: 0.8, n: 100, method: 't over seeds' },
        { rows: 300, seeds: 3, value: 0.82, low: 0.79, high: 0.85, n: 100, method: 't over seeds' },
      ],
      forecast: [
        { rows: 600, value: 0.86, low: 0.82, high: 0.89, n: 100, method: 'bootstrap' },
        { rows: 1200, value: 0.88, low: 0.83, high: 0.92, n: 100, method: 'bootstrap' },
      ],
      law: 'rectified',
      why: 'Doubling the labels from 300 to 600 is forecast to improve accuracy by +4 points (95 % band +1.2 to +6.5 points, rectified law, n 100).',
      scored: [{ madeAt: 150, rows: 300, forecast: 0.83, low: 0.78, high: 0.87, came: 0.82, within: true }],
    },
    triggers: [
      {
        id: 'volume',
        when: 'requestsPerMonth < 174',
        condition: { figure: 'requestsPerMonth', operator: '<', bound: 174 },
        now: 100_000,
        fired: false,
        // biome-ignore lint/suspicious/noThenProperty: the name is the verdict document's
        then: 'few-shot becomes cheaper than fine-tuned',
      },
      {
        id: 'quality',
        when: 'accuracy < 0.9',
        condition: { figure: 'accuracy', operator: '<', bound: 0.9 },
        now: 0.942,
        fired: false,
        // biome-ignore lint/suspicious/noThenProperty: the name is the verdict document's
        then: 'add examples of the labels that fell and tune again',
      },
    ],
    prior: [
      {
        source: 'Data needed (rule of thumb)',
        answer: 'fine-tune',
        why: '300 labelled examples are enough for a moderate task.',
        agrees: true,
      },
      { source: 'Persona guide (rule of thumb)', answer: 'prompt', why: 'The team knows prompting best.', agrees: false },
      { source: 'Facts or behaviour (rule of thumb)', answer: 'neither', why: 'No facts are missing.' },
    ],
    undecided: null,
    floor: null,
    reasoning: [
      { step: 1, title: 'Split', lines: ['300 training, 100 validation and 240 test rows.'] },
      { step: 6, title: 'Choose', lines: ['fine-tuned is the only rung that meets every goal.'] },
    ],
    alternatives: [
      {
        rung: 'few-shot',
        candidate: 'c_fewshot',
        why: 'it misses accuracy of at least 90 %: 76.7 % (95 % interval 70.9–81.6 %, n 240)',
        needs: '13.3 points more accuracy',
      },
    ],
    assumptions: ['100,000 requests a month over 12 months.'],
    rowsSaved: { rows: 140, of: 1200 },
    criteria: {
      hash: 'a41f09c2d5be7713f00dfeedc0ffee1234567890abcdef001122334455667788',
      goals: { accuracy: '>= 0.9', format: '>= 0.98', latencyP95Ms: '<= 800', costPer1k: '<= 0.5' },
      confidence: 0.95,
      split: { train: 300, validation: 100, test: n },
      splitHash: '7be2c1d09a8844ffeeddccbbaa00998877665544332211000fedcba987654321',
      testLooks: 1,
      changed: false,
    },
    spent: { dollars: 0.031, calls: 1180, cached: 310, retries: 4, failures: 2, seconds: 103.4 },
    versions: { rung: '0.1.0', node: '24.21.0' },
    warnings: ['The price of nano is an assumption of the task, not a published price.'],
  };
}

/** The same verdict, open and under the floor, with a text in every place where a verdict holds one. */
export function sayingVerdict(said: string): Verdict {
  const verdict = fixtureVerdict();
  const floor = fixtureFloor();
  const [zeroShot] = verdict.rungs;
  if (zeroShot?.rows?.stopped !== undefined) zeroShot.rows.stopped = { reason: 'dominated', why: said };
  return {
    ...verdict,
    undecided: { rung: said, rows: 312, dollars: 0.02, why: said, meanwhile: null },
    floor: {
      ...floor,
      best: said,
      confusions: [{ expected: said, answered: said, rows: 3 }],
      suspects: [{ example: said, expected: said, answered: said, rungs: 2 }],
      failedByAll: { rows: 1, of: 2, examples: [said] },
    },
    plateau: { ...verdict.plateau, at: said, looked: verdict.plateau.looked.map((sign) => ({ ...sign, why: said })) },
    prior: verdict.prior.map((rule) => ({ ...rule, source: said, answer: said, why: said })),
    reasoning: [{ step: 1, title: said, lines: [said] }],
    alternatives: [{ rung: said, candidate: said, why: said, needs: said }],
    assumptions: [said],
  };
}
