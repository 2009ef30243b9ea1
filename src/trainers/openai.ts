import type { JsonObject } from '#core/json.ts';
import type { Trainer, TrainingJob } from '#core/trainer.ts';
import { present } from './hosted-reply.ts';
import { openaiLine } from './hosted-rows.ts';
import type { HostedLimits, HostedService } from './hosted-service.ts';
import { type HostedTools, hostedTrainer } from './hosted-trainer.ts';
import { openaiWire } from './openai-jobs.ts';

const announced =
  'https://developers.openai.com/api/docs/deprecations, dates as given by https://techscurrent.com/2026/07/openai-fine-tuning-cutoff-migration-clock/';

/** Models that OpenAI tunes, by the name before a date or an id; gpt-3.5-turbo and gpt-4.1-nano ended on 23 October 2026. */
const tunable = ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4o', 'gpt-4o-mini'];

/** The name before a date, and before `ft:`: gpt-4o-mini of ft:gpt-4o-mini-2024-07-18:org::id. */
function familyOf(model: string): string {
  return (model.startsWith('ft:') ? (model.split(':')[1] ?? '') : model).replace(/-(\d{4}-\d{2}-\d{2}|\d{4})$/, '');
}

/** A method of OpenAI's with its hyperparameters; what is not asked for is left to the service ("auto"). */
export function openaiMethod({ method, hyperparameters }: TrainingJob): JsonObject {
  const { epochs, batchSize, learningRateMultiplier, beta } = hyperparameters;
  const type = method === 'preference' ? 'dpo' : 'supervised';
  const given = present({
    n_epochs: epochs,
    batch_size: batchSize,
    learning_rate_multiplier: learningRateMultiplier,
    ...(type === 'dpo' ? { beta } : {}),
  });
  return { type, [type]: { hyperparameters: given } };
}

/** Limits of OpenAI's files and jobs (API reference and guide "Supervised fine-tuning"). */
export function openaiLimits(): HostedLimits {
  return {
    fewestRows: 10,
    mostBytes: 512 * 1024 * 1024,
    mostTokensPerRow: 65_536,
    epochs: [1, 50],
    batchSize: [1, 256],
    suffix: 64,
    source: 'https://developers.openai.com/api/docs/guides/supervised-fine-tuning',
  };
}

const openaiService: HostedService = {
  id: 'openai',
  summary: "OpenAI's fine-tuning jobs: supervised and preference. It takes no new jobs after 6 January 2027.",
  methods: ['supervised', 'preference'],
  ends: [
    {
      on: '2026-07-02',
      stops: 'jobs of newcomers',
      firm: true,
      what: 'OpenAI takes new jobs only from organisations that asked a tuned model within 60 days.',
      source: announced,
    },
    {
      on: '2027-01-06',
      stops: 'jobs',
      firm: true,
      what: 'OpenAI takes no new fine-tuning jobs after this day.',
      source: announced,
    },
    {
      on: '2027-01-14',
      stops: 'models',
      firm: true,
      what: 'OpenAI switches off its tunable models and all that was tuned on them.',
      source: announced,
    },
  ],
  host: /^api\.openai\.com$/,
  notHosts: /\.azure\.com$/,
  kinds: ['openai'],
  keyVariable: 'OPENAI_API_KEY',
  baseUrl: 'https://api.openai.com/v1',
  takes: ['epochs', 'batchSize', 'learningRateMultiplier', 'beta'],
  usualEpochs: 3,
  encoding: 'o200k_base',
  limits: openaiLimits,
  objection(_job, { model }, { isVendor }) {
    if (!isVendor || tunable.includes(familyOf(model))) return undefined;
    return {
      message: `OpenAI does not tune ${JSON.stringify(model)}.`,
      hint: `It tunes: ${tunable.join(', ')}; models with open weights are tuned with peft.`,
    };
  },
  line: openaiLine,
  ...openaiWire({ method: openaiMethod, suffix: true, seed: true }),
  checkpointsAnswer: true,
  withholds:
    'OpenAI hands out no weights: its API has no request for those of a tuned model (openai-node 7.57, src/resources/fine-tuning and models.ts).',
};

/** Fine-tuning at OpenAI, or at a server that speaks its API, by `baseUrl`. */
export function openaiTrainer(tools?: HostedTools): Trainer {
  return hostedTrainer(openaiService, tools);
}
