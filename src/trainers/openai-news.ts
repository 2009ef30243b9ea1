import { ModelError } from '#core/model-error.ts';
import type { TrainingJob } from '#core/trainer.ts';
import { quotable } from '#http/service-error.ts';
import { numberIn, objectIn, textIn } from './hosted-reply.ts';
import type { HostedCall, HostedReport, News } from './hosted-service.ts';
import { openaiPages, type Reply } from './openai-pages.ts';

const pages = 50;
const levels = new Map<unknown, 'warning' | 'error'>([
  ['warn', 'warning'],
  ['error', 'error'],
]);

/** Events of a job (newest first, paged by `after`), and its checkpoints once it has ended. */
export async function openaiNews(
  call: HostedCall,
  report: HostedReport,
  _job: TrainingJob,
  known: (key: string) => boolean,
): Promise<readonly News[]> {
  const path = `fine_tuning/jobs/${encodeURIComponent(report.id)}`;
  const fresh: Reply[] = [];
  for await (const events of openaiPages(call, `${path}/events`, { most: pages })) {
    const toldAt = events.findIndex((event) => known(textIn(event, 'id') ?? ''));
    fresh.push(...(toldAt < 0 ? events : events.slice(0, toldAt)));
    if (toldAt >= 0) break;
  }
  const news = fresh.reverse().flatMap((event) => newsOf(event, call.settings.key));
  return report.rawState === 'succeeded' ? [...news, ...(await checkpoints(call, path))] : news;
}

function newsOf(event: Reply, key: string | undefined): News[] {
  const message = quotable(textIn(event, 'message') ?? '', key);
  const id = textIn(event, 'id') ?? message;
  const data = objectIn(event, 'data');
  const step = numberIn(data, 'step');
  const trainLoss = numberIn(data, 'train_loss');
  if (event['type'] !== 'metrics' || step === undefined) {
    return message === '' ? [] : [{ key: id, event: { type: 'message', level: levels.get(event['level']) ?? 'info', message } }];
  }
  const totalSteps = numberIn(data, 'total_steps') ?? numberIn(/^Step \d+\/(?<total>\d+)/.exec(message)?.groups ?? {}, 'total');
  const validation = evaluationOf(`${id}/valid`, step, data);
  return [
    ...(trainLoss === undefined
      ? []
      : [
          {
            key: id,
            event: { type: 'step', step, totalSteps, trainLoss, tokenAccuracy: numberIn(data, 'train_mean_token_accuracy') },
          } as const,
        ]),
    ...(validation === undefined ? [] : [validation]),
  ];
}

/** The loss over the whole validation file where it was taken, else over a batch of it. */
function evaluationOf(key: string, step: number, metrics: Reply, checkpoint?: string): News | undefined {
  const validationLoss = numberIn(metrics, 'full_valid_loss') ?? numberIn(metrics, 'valid_loss');
  if (validationLoss === undefined && checkpoint === undefined) return undefined;
  const tokenAccuracy = numberIn(metrics, 'full_valid_mean_token_accuracy') ?? numberIn(metrics, 'valid_mean_token_accuracy');
  return { key, event: { type: 'evaluation', step, validationLoss, tokenAccuracy, checkpoint } };
}

async function checkpoints(call: HostedCall, path: string): Promise<readonly News[]> {
  const kept: Reply[] = [];
  try {
    for await (const page of openaiPages(call, `${path}/checkpoints`, { most: pages })) kept.push(...page);
  } catch (error) {
    // other servers that speak this API may keep none
    if (ModelError.is(error) && !error.retryable && error.kind !== 'unauthorised') return [];
    throw error;
  }
  return kept
    .flatMap((checkpoint) => {
      const step = numberIn(checkpoint, 'step_number');
      const name = textIn(checkpoint, 'fine_tuned_model_checkpoint');
      if (step === undefined || name === undefined) return [];
      return evaluationOf(textIn(checkpoint, 'id') ?? name, step, objectIn(checkpoint, 'metrics'), name) ?? [];
    })
    .reverse();
}

/** Losses of the results files (CSV; some are delivered in base64) for steps that no event told. */
export async function openaiResults(call: HostedCall, report: HostedReport, told: readonly number[]): Promise<readonly News[]> {
  const files = Array.isArray(report.raw['result_files']) ? report.raw['result_files'].filter((file) => typeof file === 'string') : [];
  const known = new Set(told);
  const news: News[] = [];
  for (const file of files) {
    const text = await call.client.text({ path: `files/${encodeURIComponent(file)}/content`, signal: call.signal });
    for (const row of csvRows(text.includes(',') ? text : Buffer.from(text, 'base64').toString('utf8'))) {
      const step = numberIn(row, 'step');
      const trainLoss = numberIn(row, 'train_loss');
      if (step === undefined || trainLoss === undefined || known.has(step)) continue;
      const tokenAccuracy = numberIn(row, 'train_accuracy') ?? numberIn(row, 'train_mean_token_accuracy');
      news.push({ key: `csv:${step}`, event: { type: 'step', step, trainLoss, tokenAccuracy } });
    }
  }
  return news;
}

function csvRows(text: string): readonly Reply[] {
  const [head = '', ...lines] = text.split(/\r?\n/);
  const names = head.split(',').map((name) => name.trim());
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? `column ${index}`, value])));
}
