import type { Estimate } from '#core/estimate.ts';
import type { CandidateEvidence } from '#core/evidence.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import type { Verdict, VerdictRung } from '#core/verdict.ts';
import type { LabelRow, ReportInput } from './report-input.ts';

// Wilson's interval at 95 %, so that a made-up count has the width that a measured one would have.
function proportion(right: number, n: number): Estimate {
  const [z, p] = [1.96, right / n];
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n, method: 'wilson' };
}

const n = 240;

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

const numbers: Readonly<Record<string, Numbers>> = {
  'zero-shot': [146, 214, 0, 0.0142, 21, 38, 88, 0],
  structured: [158, 233, 0.05, 0.0251, 29, 47, 161, 0],
  'few-shot': [184, 236, 0.1083, 0.0682, 64, 93, 446, 2.6],
  distilled: [197, 240, 0.0542, 0, 0.4, 0.9, 0, 3.1],
  'fine-tuned': [226, 240, 0.1208, 0.0151, 22, 39, 88, 46.2],
};

function rungs(): VerdictRung[] {
  const names = Object.keys(numbers);
  const measured = names.map((rung, index): VerdictRung => {
    const [right, formed, gain, cost, p50, p95, tokens, seconds] = numbers[rung]!;
    return {
      rung,
      candidate: `c_${rung.replace('-', '')}`,
      model: rung === 'distilled' ? null : 'nano',
      metrics: { accuracy: proportion(right, n), format: proportion(formed, n) },
      goals: {
        accuracy: rung === 'fine-tuned' ? 'met' : 'not-met',
        format: formed >= 236 ? (formed === 240 ? 'met' : 'undecided') : 'not-met',
        latencyP95Ms: 'met',
        costPer1k: 'met',
      },
      gain:
        index === 0
          ? null
          : {
              over: `c_${names[index - 1]!.replace('-', '')}`,
              value: gain,
              low: gain - 0.048,
              high: gain + 0.047,
              p: [1, 0.041, 0.0002, 0.022, 0.00001][index]!,
              n,
              method: 'paired exact test (McNemar), Newcombe interval',
            },
      costPer1k: cost,
      latencyMs: { p50, p95 },
      ...(tokens === 0 ? {} : { tokens: { input: tokens, output: 2.4 } }),
      setup: { dollars: 0, seconds },
      horizonCost: cost * 1200 + seconds * 0.002,
      failures: rung === 'zero-shot' ? 2 : 0,
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

/** A verdict as a climb of examples/support would leave it: five rungs measured, one skipped. */
export function fixtureVerdict(): Verdict {
  return {
    schema: 'rung.verdict/1',
    task: 'support',
    status: 'met',
    sentence:
      'Fine-tune nano: 94.2 % of 240 messages reach the right team (90.4–96.5 %), the only rung that meets every goal, for $0.02 per 1,000 requests.',
    chosen: { rung: 'fine-tuned', candidate: 'c_finetuned' },
    rungs: rungs(),
    plateau: {
      reached: true,
      at: 'few-shot',
      signs: ['plateau', 'format'],
      why: 'After few-shot the best prompt stood at 77 % and a further rung of prompting could gain at most 2 points, less than the 3 that matter.',
    },
    breakEven: [
      { from: 'c_fewshot', to: 'c_finetuned', requests: 1741, low: 1503, high: 2090 },
      { from: 'c_zeroshot', to: 'c_finetuned', requests: null, low: null, high: null },
    ],
    learningCurve: null,
    triggers: [
      // biome-ignore lint/suspicious/noThenProperty: the name is the verdict document's
      { id: 'volume', when: 'requestsPerMonth < 174', now: 100_000, fired: false, then: 'few-shot becomes cheaper than fine-tuned' },
      // biome-ignore lint/suspicious/noThenProperty: the name is the verdict document's
      { id: 'quality', when: 'accuracy < 0.9', now: 0.942, fired: false, then: 'add examples of the labels that fell and tune again' },
    ],
    prior: [{ source: 'labels in hand', answer: 'fine-tune', why: '300 labelled examples are enough for a narrow task.' }],
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

function training(): TrainingEvent[] {
  const events: TrainingEvent[] = [];
  for (let step = 1; step <= 180; step++) {
    const trainLoss = 0.12 + 1.9 * Math.exp(-step / 38) + 0.09 * Math.sin(step * 1.7) * Math.exp(-step / 120);
    events.push({ type: 'step', step, totalSteps: 180, epoch: step / 60, trainLoss, learningRate: 0.002 });
    if (step % 20 > 0) continue;
    const validationLoss = 0.31 + 1.7 * Math.exp(-step / 36) + Math.max(0, step - 120) * 0.0013;
    events.push({
      type: 'evaluation',
      step,
      validationLoss,
      metric: 0.95 - 0.36 * Math.exp(-step / 45) - Math.max(0, step - 140) * 0.0006,
      best: step <= 140,
    });
  }
  return events;
}

function evidence(rung: string): CandidateEvidence {
  const column = () => new Float64Array(n).fill(1);
  return {
    rung,
    candidate: `c_${rung.replace('-', '')}`,
    model: 'nano',
    tuned: rung === 'fine-tuned',
    scores: { accuracy: column() },
    answered: undefined,
    latencyMs: column(),
    cost: column(),
    inputTokens: column(),
    outputTokens: column(),
    failed: new Uint8Array(n),
    setup: { cost: 0, seconds: numbers[rung]![7] },
    training: rung === 'fine-tuned' ? training() : [],
    priced: true,
  };
}

const labels = ['billing', 'shipping', 'returns', 'technical'];
const counts = [
  [57, 1, 1, 1, 0],
  [1, 58, 2, 0, 1],
  [2, 3, 54, 0, 0],
  [1, 0, 1, 57, 0],
];

function labelRow(label: string, index: number): LabelRow {
  const row = counts[index]!;
  const right = row[index]!;
  const expected = row.reduce((sum, count) => sum + count, 0);
  const answered = counts.reduce((sum, each) => sum + each[index]!, 0);
  const f1 = { ...proportion(Math.round((2 * right * 100) / (expected + answered)), 100), n: expected, method: 'bootstrap' };
  return { label, n: expected, precision: proportion(right, answered), recall: proportion(right, expected), f1 };
}

const questions = [
  ['The parcel says delivered but the hallway is empty and my neighbour has not seen it either.', 'shipping'],
  ['I was charged twice for the same headset in March, please put one of them back on my card.', 'billing'],
  ['It will not pair with the phone any more since the update on Tuesday.', 'technical'],
  [
    'How do I send the shoes back? They are a size too small, and I no longer have the box.\n\nAlso, the label that came with them was torn, so I would need a new one.\n\nOrder 88213.\nThank you\n\nMarta',
    'returns',
  ],
] as const;

/** Everything that a report can show, with texts that a caller may replace. */
export function fixtureInput(texts: { input?: string; label?: string; answer?: string; rung?: string } = {}): ReportInput {
  const verdict = fixtureVerdict();
  if (texts.rung !== undefined) verdict.rungs[2]!.rung = texts.rung;
  return {
    verdict,
    task: {
      name: 'support',
      instructions: 'Say which team should handle the message.',
      metrics: ['accuracy', 'format'],
      goals: [{ measure: 'accuracy', operator: '>=', bound: 0.9 }],
      confidence: 0.95,
      traffic: { requestsPerMonth: 100_000, turns: 1, requirementChangesPerMonth: 0.5, horizonMonths: 12, publicFacing: true },
      minimumGain: 0.03,
    },
    evidence: {
      split: 'test',
      examples: [],
      candidates: Object.keys(numbers).map(evidence),
      counts: { train: 300, validation: 100, test: n },
      registration: { criteriaHash: verdict.criteria.hash, splitHash: verdict.criteria.splitHash, at: 0 },
      criteriaChanged: false,
      testLooks: 1,
      spent: { cost: 31_000_000, calls: 1180, cached: 310, retries: 4, failures: 2, seconds: 103.4 },
      totalSetup: 0,
      warnings: [],
    },
    manifests: [
      {
        schema: 'rung.candidate/1',
        approach: 'distilled',
        name: 'distilled',
        model: null,
        state: { threshold: 0.62, labels },
        artefacts: {},
      },
    ],
    prompts: ['zero-shot', 'structured', 'few-shot', 'fine-tuned'].map((rung) => ({
      rung,
      sections: [
        { title: 'system', text: `Say which team should handle the message.\nAnswer with one of: ${labels.join(', ')}.` },
        ...(rung === 'few-shot'
          ? [{ title: 'examples', text: questions.map(([input, label]) => `${input}\n→ ${label}`).join('\n\n') }]
          : []),
      ],
    })),
    services: {
      'few-shot': {
        costPer1k: { value: 0.0682, low: 0.0655, high: 0.0709, n, method: 'mean, normal interval' },
        latencyP95Ms: { value: 93, low: 88, high: 101, n, method: 'order statistics' },
      },
    },
    labels: {
      rung: 'fine-tuned',
      rows: labels.map(labelRow).map((row, index) => (index === 0 && texts.label !== undefined ? { ...row, label: texts.label } : row)),
      confusion: { expected: labels, answered: [...labels, 'no answer'], counts },
    },
    disagreements: {
      total: 112,
      examined: n,
      rows: Array.from({ length: 14 }, (_, index) => {
        const [question, label] = questions[index % questions.length]!;
        return {
          id: `support-${410 + index}`,
          input: index === 0 && texts.input !== undefined ? texts.input : question,
          expected: label,
          answers: Object.keys(numbers).map((rung, place) => {
            const right = (index * 7 + place * 3) % 5 < place + 1;
            if (index === 2 && place === 0) return { rung, text: null, right: null, failure: 'the model’s answer was cut off' };
            const text =
              index === 0 && place === 1 && texts.answer !== undefined ? texts.answer : right ? label : labels[(index + place) % 3]!;
            return { rung, text, right: text === label };
          }),
        };
      }),
    },
    at: '2026-11-20 16:04 UTC',
  };
}
