import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, RungError } from '#core/errors.ts';
import type { TrainerContext, TrainingEvent, TrainingStatus } from '#core/trainer.ts';
import { uvFault } from '#data/python/uv.ts';
import type { PeftJob } from './peft-job.ts';
import { type PeftEnd, type PeftLine, parseLine, readLinesFrom } from './peft-output.ts';
import type { PeftProcess, PeftProgram } from './peft-process.ts';
import { judge, PeftStory } from './peft-story.ts';

export interface PeftRunOptions {
  readonly job: PeftJob;
  readonly folder: string;
  readonly base: string;
  readonly process: PeftProcess;
  readonly program: PeftProgram;
  readonly context: TrainerContext;
  /** Until a process that was asked to end is ended. */
  readonly graceMs: number;
  /** Without a word for so long, a warning says so. */
  readonly quietMs: number;
}

const lookEveryMs = 50;
const signOfLifeEveryMs = 2_000;
/** A process that dies so often without getting further would go on dying. */
const mostDeaths = 3;

/** Watches the process of a job: tells what it says, judges its checkpoints, and starts it again where it was killed. */
export class PeftRun {
  readonly #options: PeftRunOptions;
  readonly #story: PeftStory;
  #end: PeftEnd | undefined;
  #saidAnything = false;
  #furthest = 0;
  #deaths = 0;
  #unreadable = 0;

  constructor(options: PeftRunOptions) {
    this.#options = options;
    this.#story = new PeftStory(join(options.folder, 'told.jsonl'));
  }

  /** To the end of the job, whether it was begun before or not. Never throws. */
  async toEnd(): Promise<TrainingStatus> {
    const { process, context, graceMs } = this.#options;
    const alive = setInterval(() => void this.#showLife(), signOfLifeEveryMs);
    try {
      await this.#writeJob();
      await this.#showLife();
      await this.#read();
      if (this.#end?.state !== 'succeeded' && !(await process.isAlive())) await this.#startProcess();
      return await this.#watch();
    } catch (error) {
      if (!context.signal.aborted) await process.end(graceMs).catch(() => {});
      const hint = RungError.is(error) ? error.hint : undefined;
      return context.signal.aborted ? { state: 'cancelled' } : { state: 'failed', error: messageOf(error), ...(hint && { hint }) };
    } finally {
      clearInterval(alive);
    }
  }

  async #watch(): Promise<TrainingStatus> {
    const { process, context, graceMs, quietMs } = this.#options;
    let heardAt = performance.now();
    for (;;) {
      if (context.signal.aborted) {
        await process.end(graceMs);
        await this.#read();
        return { state: 'cancelled' };
      }
      // asked before reading, so that what was said last is not missed
      const alive = await process.isAlive();
      if (await this.#read()) heardAt = performance.now();
      if (this.#end !== undefined) {
        if (this.#end.state !== 'unjudged') return this.#status(this.#end);
        await this.#startProcess();
      } else if (!alive) {
        const fault = await this.#afterDeath();
        if (fault !== undefined) return fault;
      } else if (performance.now() - heardAt > quietMs) {
        heardAt = performance.now();
        this.#tell({
          type: 'message',
          level: 'warning',
          message: `The training process has said nothing for ${Math.round(quietMs / 60_000)} minutes. Cancel the job if it hangs; it can go on later.`,
        });
      }
      await sleep(lookEveryMs);
    }
  }

  async #startProcess(): Promise<void> {
    this.#end = undefined;
    await this.#options.process.start(this.#options.program);
  }

  /** Tells what was said since the last time; false where nothing was. */
  async #read(): Promise<boolean> {
    const lines = await readLinesFrom(this.#options.process.outputFile, this.#story.position);
    for (const { text, at } of lines) {
      const line = parseLine(text);
      // left for whoever goes on with the job: nothing more is asked of a model now
      if (line?.type === 'evaluation' && this.#options.context.signal.aborted) break;
      if (line === undefined) this.#takeGarbage(text, at);
      else await this.#take(line, at);
    }
    return lines.length > 0;
  }

  #takeGarbage(text: string, at: number): void {
    if (text !== '') this.#unreadable += 1;
    if (text === '' || this.#unreadable > 1) {
      this.#story.tell({ at });
      return;
    }
    const message = 'The training process wrote something that is no event; it is passed over.';
    this.#tell({ type: 'message', level: 'warning', message }, at);
  }

  async #take(line: PeftLine, at: number): Promise<void> {
    if (line.type === 'spawned') {
      this.#end = undefined;
      this.#saidAnything = false;
    } else this.#saidAnything = true;
    if (line.type === 'step') {
      if (line.step > this.#furthest) this.#deaths = 0;
      this.#furthest = Math.max(this.#furthest, line.step);
      this.#tell(line, at);
    } else if (line.type === 'message') this.#tell(line, at);
    else if (line.type === 'evaluation') await this.#evaluate(line, at);
    else if (line.type === 'end' && line.state === 'succeeded')
      this.#end = line; // read anew by whoever asks again
    else {
      if (line.type === 'end') this.#end = line;
      this.#story.tell({ at });
    }
  }

  /** Keeps the checkpoint, asks the task's metric of it, and tells the process whether to go on. */
  async #evaluate(line: Extract<PeftLine, { type: 'evaluation' }>, at: number): Promise<void> {
    const { context, folder, base, job } = this.#options;
    const { step, validationLoss, tokenAccuracy } = line;
    const adapterFolder = resolve(folder, line.adapter);
    const checkpoint = { model: base, adapter: await context.keep(adapterFolder) };
    const before = this.#story.evaluationOf(step);
    // a step that was done again after a kill gives the same adapter, which was asked already
    const known = before?.checkpoint?.adapter === checkpoint.adapter ? before.metric : undefined;
    const metric = context.evaluate === undefined ? undefined : (known ?? (await context.evaluate(checkpoint)));
    const told = {
      type: 'evaluation' as const,
      step,
      ...(validationLoss !== undefined && { validationLoss }),
      ...(tokenAccuracy !== undefined && { tokenAccuracy }),
      ...(metric !== undefined && { metric }),
      checkpoint,
      best: false,
    };
    const earlier = this.#story.evaluations().filter((evaluation) => evaluation.step < step);
    const { best, goOn } = judge([...earlier, told], job.patience);
    this.#tell({ ...told, best: best === told }, at);
    const answer = { step, continue: goOn, best: best?.step ?? step };
    await appendFile(join(folder, 'answers.jsonl'), `${JSON.stringify(answer)}\n`);
    const superseded = best === told ? earlier.map((evaluation) => evaluation.step) : [step];
    for (const old of superseded) await rm(join(folder, 'checkpoints', `step-${old}`), { recursive: true, force: true });
  }

  #tell(event: TrainingEvent, at: number = this.#story.position): void {
    this.#story.tell({ at, event });
    this.#options.context.onEvent(event);
  }

  async #afterDeath(): Promise<TrainingStatus | undefined> {
    this.#deaths += 1;
    if (this.#saidAnything && this.#deaths < mostDeaths) {
      this.#tell({
        type: 'message',
        level: 'warning',
        message: `The training process was ended after step ${this.#furthest}; it goes on from its last checkpoint.`,
      });
      await this.#startProcess();
      return undefined;
    }
    const errors = (await readFile(this.#options.process.errorFile, 'utf8').catch(() => '')).trim();
    const uv = this.#saidAnything ? undefined : uvFault(this.#options.program.python, errors);
    if (uv !== undefined) return { state: 'failed', error: uv.message, hint: uv.hint };
    const said = errors.split('\n').at(-1) ?? '';
    return {
      state: 'failed',
      error: `The training process ended without a result after step ${this.#furthest}${said === '' ? '.' : `: ${visible(said)}`}`,
      hint: `What it said is in ${this.#options.process.errorFile}; a system that is short of memory ends processes in this way.`,
    };
  }

  async #status(end: PeftEnd): Promise<TrainingStatus> {
    const { job } = this.#options;
    if (end.state === 'cancelled') return { state: 'cancelled' };
    const story = this.#story.events();
    const evaluations = story.filter((event) => event.type === 'evaluation');
    const { best, goOn } = judge(evaluations, job.patience);
    if (end.state === 'failed' || best?.checkpoint === undefined) {
      return { state: 'failed', error: end.error ?? 'The training process gave no reason.', ...(end.hint && { hint: end.hint }) };
    }
    // steps that were done while nobody was there to say stop are no part of the result
    const stop = goOn ? Number.POSITIVE_INFINITY : (stopStep(evaluations, job.patience) ?? Number.POSITIVE_INFINITY);
    return {
      state: 'succeeded',
      outcome: {
        model: best.checkpoint,
        hyperparameters: job.hyperparameters,
        events: story.filter((event) => event.type === 'message' || event.step <= stop),
        bestStep: best.step,
        seconds: end.seconds ?? 0,
        ...(end.trainedTokens !== undefined && { trainedTokens: end.trainedTokens }),
        ...(end.samples !== undefined && end.samples.length > 0 && { samples: end.samples }),
      },
    };
  }

  async #writeJob(): Promise<void> {
    const { folder, job } = this.#options;
    await mkdir(folder, { recursive: true });
    const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const files = { 'train.jsonl': lines(job.train), 'validation.jsonl': lines(job.validation), 'job.json': JSON.stringify(job.json) };
    for (const [name, text] of Object.entries(files)) {
      // two watchers may begin at once
      const fresh = join(folder, `${name}.${randomUUID()}`);
      await writeFile(fresh, text);
      await rename(fresh, join(folder, name));
    }
  }

  async #showLife(): Promise<void> {
    const file = join(this.#options.folder, 'watcher');
    const now = new Date();
    await utimes(file, now, now).catch(() => writeFile(file, '').catch(() => {}));
  }
}

function stopStep(evaluations: Parameters<typeof judge>[0], patience: number): number | undefined {
  return evaluations.find((_, index) => !judge(evaluations.slice(0, index + 1), patience).goOn)?.step;
}

/** Outside text on one line, without control characters, cut where it is long. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 300);
}
