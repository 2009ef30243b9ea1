// Overfitting, memorising and forgetting, provoked on purpose on the embedded model, and what the guards say of each; a tune that
// is done as it should be stands beside them and must pass. Per checkpoint: both losses, the metric and the general suite.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { GuardResult } from '../src/core/guard.ts';
import type { TrainingEvent } from '../src/core/trainer.ts';
import { abilityQuestions, abilityScorer } from '../src/data/general-abilities.ts';
import { readExamplesFile } from '../src/data/read-examples.ts';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import type { Nano } from '../src/nano/index.ts';
import { createNanoSource } from '../src/nano/nano-source.ts';
import { openArtefacts } from '../src/stores/artefacts.ts';
import { type Provoked, provoked, writeTask } from './guards-tasks.ts';

/** `--only narrow` */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' } } });
  const wanted = provoked.filter(({ name }) => values.only === undefined || name === values.only);
  const missed: string[] = [];
  for (const each of wanted) missed.push(...(await provoke(each)));
  console.log(missed.length === 0 ? '\nEvery fault was caught, and nothing else.' : `\nMISSED: ${missed.join('; ')}`);
  if (missed.length > 0) process.exitCode = 1;
}

/** Tunes it, prints its curve and its guards; gives what the guards got wrong. */
async function provoke(task: Provoked): Promise<string[]> {
  const folder = await writeTask(task);
  const plugins = defaultPlugins();
  try {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    const { guards, training } = await climbTask(planned, { plugins, environment: {}, all: true }, async ({ evidence }) => {
      const [candidate] = evidence.candidates;
      return { guards: candidate?.guards ?? [], training: candidate?.training ?? [] };
    });
    console.log(`\n## ${task.name}: ${task.what}\n`);
    await printCurve(training, folder);
    printGuards(guards);
    return wrong(task, guards);
  } finally {
    await plugins.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function wrong({ name, caughtBy, parts }: Provoked, guards: readonly GuardResult[]): string[] {
  const statusOf = (measure: string) =>
    guards.flatMap((guard) => guard.parts ?? []).find((part) => part.measure?.startsWith(measure) === true)?.status ?? 'absent';
  const ofParts = parts !== undefined && (statusOf(parts.failed) !== 'failed' || ['failed', 'absent'].includes(statusOf(parts.notFailed)));
  const stopped = guards.filter(({ status, blocks }) => blocks && (status === 'failed' || status === 'undecided')).map(({ id }) => id);
  const failed = guards.filter(({ status }) => status === 'failed').map(({ id }) => id);
  if (caughtBy.length === 0) return stopped.map((id) => `${name} was stopped by ${id}`);
  const passed = caughtBy.filter((id) => !failed.includes(id)).map((id) => `${name} passed ${id}`);
  return ofParts ? [...passed, `${name}: not caught by its ${parts.failed} alone`] : passed;
}

function printGuards(guards: readonly GuardResult[]): void {
  const percent = (value: number | undefined) => (value === undefined ? '' : `${(100 * value).toFixed(1)} %`);
  console.log('\n| guard | outcome | value | interval | n | limit |\n| --- | --- | ---: | --- | ---: | ---: |');
  for (const { id, status, value, low, high, n, limit } of guards.flatMap(rowsOf)) {
    const interval = low === undefined ? '' : `${percent(low)} to ${percent(high)}`;
    console.log(`| ${id} | ${status} | ${percent(value)} | ${interval} | ${n ?? ''} | ${percent(limit)} |`);
  }
  console.log('');
  for (const { status, why } of guards) if (status !== 'skipped') console.log(`- ${why}`);
}

/** A guard that judged several things has a row for each. */
function rowsOf(guard: GuardResult): readonly Omit<GuardResult, 'why' | 'blocks'>[] {
  return guard.parts?.map((part) => ({ ...part, id: `${guard.id}: ${part.measure}` })) ?? [guard];
}

async function printCurve(events: readonly TrainingEvent[], folder: string): Promise<void> {
  const questions = abilityQuestions((await readExamplesFile(join(folder, 'general.jsonl'))).examples);
  const source = createNanoSource();
  const artefacts = openArtefacts(join(folder, '.rung'));
  try {
    const nano = await source.open();
    const before = await abilityOf(nano, questions, undefined);
    console.log('| step | epoch | train loss | validation loss | metric | general suite |\n| ---: | ---: | ---: | ---: | ---: | ---: |');
    console.log(`| 0 | 0 | | | | ${before} |`);
    const losses: number[] = [];
    const evaluated = new Set(events.flatMap((event) => (event.type === 'evaluation' ? [event.step] : [])));
    for (const event of events) {
      if (event.type === 'step') {
        losses.push(event.trainLoss);
        if (losses.length >= event.totalSteps / 10 && !evaluated.has(event.step)) {
          console.log(`| ${event.step} | ${event.epoch.toFixed(0)} | ${meanOf(losses.splice(0))} | | | |`);
        }
      }
      if (event.type !== 'evaluation') continue;
      const since = losses.splice(0);
      const epoch = events.findLast((each) => each.type === 'step' && each.step <= event.step);
      const adapter = event.checkpoint?.adapter === undefined ? undefined : await artefacts.path(event.checkpoint.adapter);
      const suite = adapter === undefined ? '' : await abilityOf(nano, questions, adapter);
      const at = epoch?.type === 'step' ? epoch.epoch.toFixed(0) : '';
      const metric = event.metric === undefined ? '' : event.metric.toFixed(3);
      console.log(`| ${event.step} | ${at} | ${meanOf(since)} | ${event.validationLoss?.toFixed(4) ?? ''} | ${metric} | ${suite} |`);
    }
  } finally {
    await source.close();
  }
}

function meanOf(losses: readonly number[]): string {
  return losses.length === 0 ? '' : (losses.reduce((sum, loss) => sum + loss, 0) / losses.length).toFixed(4);
}

async function abilityOf(nano: Nano, questions: ReturnType<typeof abilityQuestions>, adapter: string | undefined): Promise<string> {
  const score = abilityScorer(questions);
  const signal = new AbortController().signal;
  const scores = await Promise.all(
    questions.map(async (question) => {
      const { messages, maxOutputTokens } = question;
      const { text } = await nano.generate({ messages, maxOutputTokens, ...(adapter !== undefined && { adapter }) }, { signal });
      return score(question, text);
    }),
  );
  return `${((100 * scores.reduce((sum, each) => sum + each, 0)) / scores.length).toFixed(1)} %`;
}
