import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { Verdict } from '#core/verdict.ts';
import type { DetailedVerdict } from './decide.ts';

const number = z.number();
const end = number.nullable();
const estimate = z.looseObject({ value: number, low: number, high: number, n: number, method: z.string() });
const status = z.enum(['met', 'not-met', 'undecided']);
const numberOrText = z.union([number, z.string()]);
const sign = z.enum(['plateau', 'format', 'inconsistent', 'fights-training', 'token-cost']);

/** What a probe found on a rung; what a value is, only its unit says. */
const findings = z.looseObject({
  probe: z.string(),
  options: z.record(z.string(), z.json()),
  metrics: z.record(z.string(), estimate),
  better: z.record(z.string(), z.enum(['higher', 'lower'])),
  units: z.record(z.string(), z.enum(['ms', 'tokens'])),
  series: z.array(z.looseObject({ measure: z.string(), x: number, ...estimate.shape })),
  families: z.array(z.looseObject({ family: z.string(), passed: estimate })),
});

const setup = z.looseObject({ dollars: number, seconds: number });
const latency = z.looseObject({ p50: number, p95: number });
const tokens = z.looseObject({ input: number, output: number });

const comparison = z.looseObject({
  rung: z.string(),
  kind: z.enum(['prompt', 'tuned', 'tuned with overlay']),
  setup,
  latencyMs: latency.optional(),
  consistency: estimate.optional(),
  robustness: estimate.optional(),
  flexibility: estimate.optional(),
  tokens: tokens.optional(),
  costPer1k: number.optional(),
  expertise: z.enum(['prompting', 'ml']),
});

const guardPart = z.looseObject({
  status: z.enum(['passed', 'failed', 'undecided', 'skipped']),
  measure: z.string().optional(),
  ...{ value: number.optional(), low: number.optional(), high: number.optional(), n: number.optional(), limit: number.optional() },
  method: z.string().optional(),
  why: z.string(),
});

const guard = z.looseObject({
  id: z.string(),
  ...guardPart.shape,
  before: estimate.optional(),
  after: estimate.optional(),
  suggestions: z.array(z.string()).optional(),
  parts: z.array(guardPart).optional(),
  blocks: z.boolean(),
});

const agreement = z.looseObject({
  ...{ metric: z.string(), one: z.string(), other: z.string(), value: number, low: number, high: number, n: number, method: z.string() },
});

const difference = z.looseObject({ value: number, low: number, high: number, p: number, n: number, method: z.string() });
const routingPart = z.looseObject({ part: z.string(), rung: z.string(), model: z.string().nullable() });

const routing = z.looseObject({
  cheap: routingPart,
  strong: routingPart,
  signal: z.string(),
  threshold: end,
  loss: number,
  lossConfidence: number,
  why: z.string(),
  rows: number,
  signals: z.array(
    z.looseObject({
      signal: z.string(),
      area: end,
      accepted: number,
      calibration: z.looseObject({ error: number, expected: number, expectedHigh: number, n: number, bins: number, method: z.string() }),
    }),
  ),
  strongShare: estimate,
  compared: z
    .looseObject({
      metric: z.string(),
      randomShare: number,
      by: z.enum(['cost', 'strong calls']),
      randomMix: estimate,
      gainOverRandom: difference,
      beatsRandom: z.boolean(),
      bestSingle: z.looseObject({
        rung: z.string(),
        candidate: z.string(),
        value: number,
        costPer1k: number.optional(),
        gain: difference,
      }),
      lost: difference,
      gapRecovered: estimate.nullable(),
      apgr: estimate.nullable(),
      cpt: z.looseObject({ '50': estimate, '80': estimate, '95': estimate }).nullable(),
      curve: z.array(z.looseObject({ strongShare: number, value: number, random: number, costPer1k: number.optional() })),
    })
    .nullable(),
  says: z.string(),
});

const rung = z.looseObject({
  rung: z.string(),
  candidate: z.string(),
  model: z.string().nullable(),
  metrics: z.record(z.string(), estimate),
  goals: z.record(z.string(), status),
  goalBounds: z.record(z.string(), z.looseObject({ low: end, high: end, n: number, method: z.string() })).optional(),
  rows: z
    .looseObject({
      measured: number,
      of: number,
      stopped: z.looseObject({ reason: z.enum(['meets-goals', 'misses-goal', 'dominated', 'cannot-tell']), why: z.string() }).optional(),
    })
    .optional(),
  repeats: z
    .looseObject({ rows: number, agreement: estimate, passHat: z.array(z.looseObject({ k: number, ...estimate.shape })) })
    .optional(),
  gain: z.looseObject({ over: z.string(), value: number, low: number, high: number, p: number, n: number, method: z.string() }).nullable(),
  costPer1k: number.optional(),
  latencyMs: latency.optional(),
  tokens: tokens.optional(),
  setup,
  horizonCost: number.optional(),
  probes: z.array(findings).optional(),
  guards: z.array(guard).optional(),
  agreement: z.array(agreement).optional(),
  routing: routing.optional(),
  notes: z.array(z.string()).optional(),
  stepFaults: z.array(z.looseObject({ step: z.string(), rows: number, of: number, why: z.string() })).optional(),
  failures: number.optional(),
  skipped: z.string().optional(),
  service: z.record(z.string(), z.looseObject({ value: number, low: end, high: end, n: number, method: z.string() })).optional(),
});

const trigger = z.looseObject({
  id: z.string(),
  when: z.string(),
  condition: z.looseObject({ figure: z.string(), operator: z.enum(['<', '>', '<=', '>=']), bound: numberOrText }),
  now: numberOrText,
  fired: z.boolean(),
  // biome-ignore lint/suspicious/noThenProperty: the verdict document names it so, and it is a text
  then: z.string(),
});

const learningCurve = z.looseObject({
  rung: z.string(),
  metric: z.string(),
  points: z.array(z.looseObject({ rows: number, seeds: number, ...estimate.shape })),
  forecast: z.array(z.looseObject({ rows: number, ...estimate.shape })),
  law: z.string(),
  why: z.string(),
  scored: z.array(
    z.looseObject({ madeAt: number, rows: number, forecast: number, low: number, high: number, came: number, within: z.boolean() }),
  ),
});

const floor = z.looseObject({
  floor: number,
  best: z.string(),
  confusions: z.array(z.looseObject({ expected: z.string(), answered: z.string(), rows: number })),
  suspects: z.array(z.looseObject({ example: z.string(), expected: z.string(), answered: z.string(), rungs: number })),
  failedByAll: z.looseObject({ rows: number, of: number, examples: z.array(z.string()) }),
});

/** `decision.json`. What later versions add is let through. */
const verdictSchema: z.ZodType<Verdict> = z.looseObject({
  schema: z.literal('rung.verdict/1'),
  task: z.string(),
  status: z.enum(['met', 'not-met', 'undecided', 'prior']),
  sentence: z.string(),
  chosen: z
    .looseObject({
      rung: z.string(),
      candidate: z.string(),
      cheapest: z.looseObject({ chance: number, n: number, method: z.string() }).optional(),
    })
    .nullable(),
  undecided: z
    .looseObject({
      rung: z.string(),
      rows: end,
      dollars: end,
      answers: z.array(z.looseObject({ probe: z.string(), more: end })).optional(),
      why: z.string(),
      meanwhile: z.looseObject({ rung: z.string(), candidate: z.string() }).nullable(),
    })
    .nullable(),
  floor: floor.nullable(),
  rungs: z.array(rung),
  plateau: z.looseObject({
    reached: z.boolean(),
    at: z.string().nullable(),
    signs: z.array(sign),
    why: z.string(),
    looked: z.array(z.looseObject({ sign, seen: z.boolean().nullable(), why: z.string() })),
  }),
  breakEven: z.array(z.looseObject({ from: z.string(), to: z.string(), requests: end, low: end, high: end })),
  learningCurve: learningCurve.nullable(),
  triggers: z.array(trigger),
  prior: z.array(z.looseObject({ source: z.string(), answer: z.string(), why: z.string(), agrees: z.boolean().optional() })),
  reasoning: z.array(z.looseObject({ step: number, title: z.string(), lines: z.array(z.string()) })),
  alternatives: z.array(z.looseObject({ rung: z.string(), candidate: z.string(), why: z.string(), needs: z.string() })),
  comparison: z.array(comparison).optional(),
  assumptions: z.array(z.string()),
  rowsSaved: z.looseObject({ rows: number, of: number }),
  criteria: z.looseObject({
    hash: z.string(),
    goals: z.record(z.string(), z.string()),
    confidence: number,
    split: z.looseObject({ train: number, validation: number, test: number }),
    splitHash: z.string(),
    testLooks: number,
    changed: z.boolean(),
  }),
  spent: z.looseObject({ dollars: number, calls: number, cached: number, retries: number, failures: number, seconds: number }),
  versions: z.looseObject({ rung: z.string(), node: z.string() }),
  warnings: z.array(z.string()),
});

/** A verdict document that came from a file. Throws where it is none, naming the first thing that does not fit. */
export function parseVerdict(value: unknown, file: string): DetailedVerdict {
  const read = verdictSchema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const at = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  const what = issue?.message.replace(/^Invalid input: /, '') ?? 'something else';
  throw inputError({
    code: 'not-a-verdict',
    message: `This is not a verdict document of this version of Rung (${at}${what}).`,
    hint: 'Write it anew with rung record.',
    place: { file },
  });
}
