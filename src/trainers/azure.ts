import type { Trainer } from '#core/trainer.ts';
import { openaiLine } from './hosted-rows.ts';
import type { HostedService } from './hosted-service.ts';
import { type HostedTools, hostedTrainer } from './hosted-trainer.ts';
import { openaiLimits, openaiMethod } from './openai.ts';
import { openaiWire } from './openai-jobs.ts';

const schedule =
  'https://github.com/MicrosoftDocs/azure-ai-docs/blob/main/articles/foundry/openai/includes/concepts-model-retirement-schedule-content.md, July 2026';

/**
 * OpenAI's API on an Azure host: `{endpoint}/openai/v1/…`, or `{endpoint}/openai/…?api-version=…` with the setting apiVersion; the key
 * goes into the header `api-key` (Azure OpenAI v1 REST reference, security scheme ApiKeyAuth, and openai-node src/azure.ts).
 */
const azureService: HostedService = {
  id: 'azure',
  summary: 'Fine-tuning jobs of Azure OpenAI: supervised and preference. A tuned model answers once it is deployed.',
  methods: ['supervised', 'preference'],
  ends: [
    {
      on: '2027-04-01',
      stops: 'jobs',
      firm: false,
      what: 'Azure ends the training of gpt-4.1 and gpt-4o models, for existing customers too.',
      source: schedule,
    },
    {
      on: '2027-10-01',
      stops: 'models',
      firm: false,
      what: 'Azure ends deployments of tuned gpt-4.1 and gpt-4o models.',
      source: schedule,
    },
  ],
  host: /(\.(openai|services\.ai|cognitiveservices)\.azure\.com|\.cognitive\.microsoft\.com)$/,
  keyVariable: 'AZURE_OPENAI_API_KEY',
  tuningUrl(chatUrl) {
    const url = new URL(chatUrl);
    url.pathname = url.pathname.replace(/\/deployments\/.*$/, '');
    return url;
  },
  headers: (key): Record<string, string> => (key === undefined ? {} : { 'api-key': key }),
  takes: ['epochs', 'batchSize', 'learningRateMultiplier', 'beta'],
  usualEpochs: 3,
  encoding: 'o200k_base',
  limits: openaiLimits,
  line: openaiLine,
  ...openaiWire({ method: openaiMethod, suffix: true, seed: true }),
  withholds:
    'Azure hands out no weights: its API has no request for those of a tuned model, which is deployed there or copied to another of its resources (Azure OpenAI v1 REST reference).',
  toServe:
    'On Azure a tuned model answers only through a deployment, which is billed by the hour: deploy it under the name that is given here, or name the deployment in "models:".',
};

/** Fine-tuning at Azure OpenAI; the base's entry or the setting baseUrl says at which endpoint. */
export function azureTrainer(tools?: HostedTools): Trainer {
  return hostedTrainer(azureService, tools);
}
