import type { Trainer, TrainingJob } from '#core/trainer.ts';
import { present } from './hosted-reply.ts';
import { isConversation } from './hosted-rows.ts';
import type { HostedCall, HostedService } from './hosted-service.ts';
import { type HostedTools, hostedTrainer } from './hosted-trainer.ts';
import { openaiWire } from './openai-jobs.ts';

function reinforcement({ hyperparameters }: TrainingJob, { settings }: HostedCall) {
  const { epochs, batchSize, learningRateMultiplier } = hyperparameters;
  const given = present({ n_epochs: epochs, batch_size: batchSize, learning_rate_multiplier: learningRateMultiplier });
  const grader = { type: 'lambda', lambda: { function: settings.grader } };
  return { type: 'reinforcement', reinforcement: { grader, hyperparameters: given } };
}

/**
 * Amazon Bedrock's jobs in OpenAI's shape. They are documented for reinforcement tuning of open-weight models only, with answers scored
 * by a Lambda function and without `suffix`; a row is a prompt with the answer that the function holds others against.
 * Amazon Bedrock User Guide, "Create and manage fine-tuning jobs for open-weight models using OpenAI APIs" (fine-tuning-openai-job-create)
 * and "Prepare data for open-weight models" (rft-prepare-data-open-weight).
 */
const bedrockService: HostedService = {
  id: 'bedrock',
  summary: "Amazon Bedrock's reinforcement jobs for open-weight models, scored by your Lambda function.",
  methods: ['supervised'],
  ends: [],
  host: /^bedrock(-mantle|-runtime)?\.[\w.-]+\.(api\.aws|amazonaws\.com)$/,
  keyVariable: 'AWS_BEARER_TOKEN_BEDROCK',
  takes: ['epochs', 'batchSize', 'learningRateMultiplier'],
  usualEpochs: 1,
  limits: () => ({
    fewestRows: 100,
    mostRows: 20_000,
    suffix: 0,
    source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/rft-prepare-data-open-weight.html',
  }),
  objection: (_job, _base, { grader }) =>
    grader === undefined
      ? {
          message: "Bedrock's jobs in OpenAI's shape learn from a score, and no function that gives it is named.",
          hint: 'Set "trainers: { bedrock: { grader: arn:aws:lambda:… } }", or tune at another service.',
        }
      : undefined,
  line(row) {
    if (!isConversation(row)) return {};
    const prompt = row.messages.slice(0, -1).map(({ role, content }) => ({ role, content }));
    return { messages: prompt, reference_answer: row.messages.at(-1)?.content };
  },
  ...openaiWire({ method: reinforcement, suffix: false, seed: false }),
  withholds:
    'Bedrock hands out no weights: custom models are managed and stored by AWS, and no request gives them (https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-custom-job.html).',
};

/** Reinforcement tuning at Amazon Bedrock. */
export function bedrockTrainer(tools?: HostedTools): Trainer {
  return hostedTrainer(bedrockService, tools);
}
