import type { CandidateEvidence } from '#core/evidence.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import type { LabelRow, ReportInput } from './report-input.ts';
import { fixtureVerdict, n, numbers, proportion, sayingVerdict } from './verdict.fixture.ts';

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
  const measured = rung === 'zero-shot' ? 100 : n;
  const column = () => new Float64Array(n).fill(1, 0, measured).fill(Number.NaN, measured);
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
export function fixtureInput(texts: { input?: string; label?: string; answer?: string; rung?: string; said?: string } = {}): ReportInput {
  const verdict = texts.said === undefined ? fixtureVerdict() : sayingVerdict(texts.said);
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
      lookedEarly: false,
      learningCurves: [],
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
