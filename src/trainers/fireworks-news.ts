import { isJsonObject } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';
import type { TrainingJob } from '#core/trainer.ts';
import { isGone, numberIn, textIn } from './hosted-reply.ts';
import type { HostedCall, HostedReport, News } from './hosted-service.ts';

type Reply = Readonly<Record<string, unknown>>;

/**
 * The metrics file of a job: JSON lines behind a signed link, which a supervised job names and a preference job is asked for
 * (`:getMetricsFileEndpoint`). Names of its members are not documented, so those in use are all read.
 */
export async function fireworksNews(call: HostedCall, report: HostedReport, job: TrainingJob): Promise<readonly News[]> {
  const link = job.method === 'preference' ? await linkOf(call, report.id) : textIn(report.raw, 'metricsFileSignedUrl');
  if (link === undefined) return [];
  let text: string;
  try {
    text = await call.download(link);
  } catch (error) {
    // a link may be given out before there is a file, and outlives its right to be read
    if (ModelError.is(error) && !error.retryable) return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    try {
      const metrics: unknown = JSON.parse(line);
      return isJsonObject(metrics) ? measured(metrics) : [];
    } catch {
      return [];
    }
  });
}

async function linkOf({ client, signal, settings }: HostedCall, id: string): Promise<string | undefined> {
  const path = `accounts/${settings.accountId}/dpoJobs/${encodeURIComponent(id)}:getMetricsFileEndpoint`;
  try {
    return textIn(await client.json({ path, signal }), 'signedUrl');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function firstNumber(metrics: Reply, names: readonly string[]): number | undefined {
  return names.map((name) => numberIn(metrics, name)).find((value) => value !== undefined);
}

function measured(metrics: Reply): News[] {
  const step = firstNumber(metrics, ['step', 'global_step', 'train/global_step', '_step']);
  if (step === undefined) return [];
  const trainLoss = firstNumber(metrics, ['train_loss', 'train/loss', 'loss']);
  const validationLoss = firstNumber(metrics, ['eval_loss', 'eval/loss', 'validation_loss', 'valid_loss']);
  const epoch = firstNumber(metrics, ['epoch', 'train/epoch']);
  const learningRate = firstNumber(metrics, ['learning_rate', 'train/learning_rate', 'lr']);
  return [
    ...(trainLoss === undefined ? [] : [{ key: `train:${step}`, event: { type: 'step', step, epoch, trainLoss, learningRate } } as const]),
    ...(validationLoss === undefined ? [] : [{ key: `eval:${step}`, event: { type: 'evaluation', step, validationLoss } } as const]),
  ];
}
