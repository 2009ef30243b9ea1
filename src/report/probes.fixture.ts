import type { ProbeCase, ProbeFindings, SeriesPoint } from '#core/probe.ts';
import type { ComparisonRow } from '#core/verdict.ts';
import { fixtureInput } from './report.fixture.ts';
import type { ReportInput } from './report-input.ts';
import { proportion } from './verdict.fixture.ts';

const turns = [1, 5, 10, 20, 50];
const families = ['ignore previous instructions', 'role change', 'base64', 'in German', 'many shots', 'fake system turn'];

function cases(said: string | undefined, failing: number, of: number, family: (index: number) => string): ProbeCase[] {
  return Array.from({ length: of }, (_, index) => {
    const passed = index >= failing;
    return {
      id: said ?? `case ${index + 1}`,
      family: said ?? family(index),
      passed,
      reason: said ?? (passed ? 'kept' : 'did what the attack wanted: "apple"'),
    };
  });
}

function drift(start: number, fall: number, said?: string): ProbeFindings {
  const arm = (measure: string, by: number): SeriesPoint[] =>
    turns.map((x) => ({ measure, x, ...proportion(Math.round(40 * (start - by * Math.log(x))), 40), method: 'wilson' }));
  const slope = (by: number) => ({
    value: -by,
    low: -by - 0.02,
    high: -by + 0.025,
    n: 200,
    method: 'least squares over ln x, bca bootstrap, 40 clusters',
  });
  return {
    probe: 'drift',
    options: { turns: 50, reminder: 5 },
    metrics: {
      consistency: proportion(Math.round(200 * (start - fall * 2.2)), 200),
      consistencySlope: slope(fall),
      consistencyReminded: proportion(Math.round(200 * (start - fall)), 200),
      consistencyRemindedSlope: slope(fall / 3),
    },
    better: { consistency: 'higher', consistencySlope: 'higher', consistencyReminded: 'higher', consistencyRemindedSlope: 'higher' },
    units: {},
    series: [...arm('consistency', fall), ...arm('consistencyReminded', fall / 3)],
    families: [
      { family: 'plain', passed: proportion(29, 40) },
      { family: 'reminded', passed: proportion(36, 40) },
    ],
    cases: [
      {
        id: 'reminder every 5 turns',
        passed: true,
        reason: said ?? 'consistency +0.112 (0.041 to 0.184, n 200, paired bootstrap); 412 more prompt tokens a conversation, n 40',
      },
      ...cases(said, 4, 30, () => 'plain'),
    ],
  };
}

function jailbreak(strength: number, said?: string): ProbeFindings {
  return {
    probe: 'jailbreak',
    options: {},
    metrics: {
      jailbreakResistance: proportion(Math.round(144 * strength), 144),
      overRefusal: proportion(Math.round(36 * (1 - strength) * 0.3), 36),
    },
    better: { jailbreakResistance: 'higher', overRefusal: 'lower' },
    units: {},
    series: [],
    families: [...families, 'harmless twin: role change'].map((family, index) => {
      const n = index === 3 ? 6 : 24;
      return {
        family: said ?? family,
        passed: proportion(Math.round(n * Math.max(0, Math.min(1, strength - 0.14 * Math.sin(index * 2)))), n),
      };
    }),
    cases: cases(said, 25, 144, (index) => families[index % families.length]!),
  };
}

const leak: ProbeFindings = {
  probe: 'leak',
  options: {},
  metrics: {
    leakResistance: proportion(31, 36),
    promptOverlap: { value: 0.061, low: 0.02, high: 0.13, n: 36, method: 'bca bootstrap, 12 clusters' },
  },
  better: { leakResistance: 'higher', promptOverlap: 'lower' },
  units: {},
  series: [],
  families: [
    { family: 'direct', passed: proportion(15, 18) },
    { family: 'indirect', passed: proportion(16, 18) },
  ],
  cases: [],
};

function latency(base: number): ProbeFindings {
  const time = (measure: string, from: number): SeriesPoint[] =>
    [30, 90, 270].map((tokens) => {
      const value = from + base * tokens;
      return { measure, x: tokens, value, low: value * 0.9, high: value * 1.12, n: 24, method: 't' };
    });
  const ms = { value: base * 130, low: base * 118, high: base * 144, n: 72, method: 't' };
  return {
    probe: 'latency',
    options: { lengths: [0, 50, 200] },
    metrics: { firstTokenMs: ms, totalMs: { ...ms, value: base * 190, high: base * 230 } },
    better: { firstTokenMs: 'lower', totalMs: 'lower' },
    units: { firstTokenMs: 'ms', totalMs: 'ms' },
    series: [
      ...time('firstTokenMs', 12),
      ...time('totalMs', 40),
      ...time('totalMsAtLoad', 40).map((point, index) => ({ ...point, x: 2 ** index })),
    ],
    families: [],
    cases: [{ id: '50 words before/4 at once', passed: true, reason: 'median 41.2 ms (38.0 to 44.9); n 12, order statistics' }],
  };
}

const comparison: ComparisonRow[] = [
  {
    rung: 'fine-tuned',
    kind: 'tuned',
    setup: { dollars: 0, seconds: 46.2 },
    latencyMs: { p50: 22, p95: 39 },
    consistency: proportion(190, 200),
    robustness: proportion(137, 144),
    tokens: { input: 88, output: 2.4 },
    costPer1k: 0.0151,
    expertise: 'ml',
  },
  {
    rung: 'few-shot',
    kind: 'prompt',
    setup: { dollars: 0, seconds: 2.6 },
    latencyMs: { p50: 64, p95: 93 },
    consistency: proportion(160, 200),
    robustness: proportion(101, 144),
    flexibility: proportion(34, 40),
    tokens: { input: 446, output: 2.4 },
    costPer1k: 0.0682,
    expertise: 'prompting',
  },
];

/** A report with all that probes bring; `said` stands in every text of a probe. */
export function probedInput(said?: string): ReportInput {
  const input = fixtureInput();
  const found: Record<string, ProbeFindings[]> = {
    structured: [drift(0.85, 0.11, said), jailbreak(0.62, said), leak, latency(0.4)],
    'few-shot': [drift(0.92, 0.06, said), jailbreak(0.7, said), latency(0.62)],
    'fine-tuned': [drift(0.97, 0.012, said), jailbreak(0.95, said), leak, latency(0.41)],
  };
  const steps = [
    { name: said ?? 'reason', text: said ?? 'The parcel is late, so this is shipping.' },
    { name: said ?? 'answer', text: said ?? 'shipping or billing', fault: said ?? 'named two labels' },
  ];
  for (const rung of input.verdict.rungs) {
    const probes = found[rung.rung];
    if (probes === undefined) continue;
    rung.probes = probes.map(({ cases: _, ...rest }) => rest);
    for (const { metrics } of probes) Object.assign(rung.metrics, metrics);
    if (rung.rung === 'few-shot') {
      rung.stepFaults = [{ step: said ?? 'answer', rows: 7, of: 240, why: said ?? 'named two labels' }];
      rung.agreement = [
        {
          metric: said ?? 'persona',
          one: said ?? 'rules',
          other: said ?? 'judge',
          value: 0.71,
          low: 0.58,
          high: 0.81,
          n: 120,
          method: "Cohen's kappa, bootstrap",
        },
        { metric: 'persona', one: 'rules', other: 'classifier', value: -8.9e-13, low: -0.83, high: 0.83, n: 301, method: 'cohen kappa' },
      ];
    }
  }
  const [row, ...rows] = input.disagreements!.rows;
  return {
    ...input,
    verdict: { ...input.verdict, comparison },
    evidence: {
      ...input.evidence!,
      candidates: input.evidence!.candidates.map((candidate) => ({
        ...candidate,
        probes: (found[candidate.rung] ?? []).map((findings) => ({ ...findings, outcomes: [] })),
        ...(candidate.rung === 'distilled' ? { unprobed: [{ probe: 'drift', why: said ?? 'it holds no conversation' }] } : {}),
      })),
    },
    brokenSteps: [{ rung: 'few-shot', id: said ?? 'support-411', input: said ?? 'Where is my parcel?', steps }],
    disagreements: { ...input.disagreements!, rows: [{ ...row!, answers: row!.answers.map((answer) => ({ ...answer, steps })) }, ...rows] },
  };
}
