import type { TrainingJob } from '#core/trainer.ts';
import { quotable } from '#http/service-error.ts';
import { isGone, listIn, numberIn, textIn } from './hosted-reply.ts';
import type { HostedCall, HostedReport, News } from './hosted-service.ts';

type Reply = Readonly<Record<string, unknown>>;

/** Events and metrics of a job: training steps have members train/…, evaluations eval/… (https://docs.together.ai/docs/fine-tuning-training-metrics). */
export async function togetherNews(
  { client, signal, settings }: HostedCall,
  { id }: HostedReport,
  _job: TrainingJob,
): Promise<readonly News[]> {
  const path = `fine-tunes/${encodeURIComponent(id)}`;
  const events = listIn(await client.json({ path: `${path}/events`, signal }), 'data');
  const told = events.flatMap((event, index) => messageOf(event, index, settings.key));
  let metrics: readonly Reply[] = [];
  try {
    metrics = listIn(await client.json({ path: `${path}/metrics`, signal }), 'metrics');
  } catch (error) {
    // a job that has not begun has none
    if (!isGone(error)) throw error;
  }
  return [...told, ...metrics.flatMap(measured)];
}

function messageOf(event: Reply, index: number, key: string | undefined): News[] {
  const message = quotable(textIn(event, 'message') ?? '', key);
  if (message === '') return [];
  const told = textIn(event, 'level')?.toLowerCase();
  const level = told === 'warning' || told === 'error' ? told : 'info';
  return [{ key: textIn(event, 'hash') ?? `event:${index}:${textIn(event, 'type')}`, event: { type: 'message', level, message } }];
}

function measured(metrics: Reply): News[] {
  const step = numberIn(metrics, 'train/global_step');
  const trainLoss = numberIn(metrics, 'train/loss');
  const evaluated = numberIn(metrics, 'eval/global_step') ?? step;
  const validationLoss = numberIn(metrics, 'eval/loss');
  const news: News[] = [];
  if (step !== undefined && trainLoss !== undefined) {
    news.push({
      key: `train:${step}`,
      event: {
        type: 'step',
        step,
        epoch: numberIn(metrics, 'train/epoch'),
        trainLoss,
        learningRate: numberIn(metrics, 'train/learning_rate'),
        gradientNorm: numberIn(metrics, 'train/grad_norm'),
      },
    });
  }
  if (evaluated !== undefined && validationLoss !== undefined) {
    news.push({ key: `eval:${evaluated}`, event: { type: 'evaluation', step: evaluated, validationLoss } });
  }
  return news;
}
