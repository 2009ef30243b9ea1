import { type Command, Option } from 'commander';
import type { JsonObject } from '#core/json.ts';
import type { Hyperparameters, TrainingMethod } from '#core/trainer.ts';
import type { TuneRequest } from '../tune-runs.ts';
import type { Sweep } from '../tune-sweep.ts';
import { amount, count, dollarAmount, positiveNumber, share, unreadableFlag, wholeNumber } from './flag-values.ts';

/** Flags of whatever tunes. */
export interface TuneFlags extends Hyperparameters {
  readonly rung?: string;
  readonly method?: TrainingMethod;
  readonly model?: string;
  readonly trainer?: string;
  readonly sweep?: Sweep;
  readonly mend?: boolean;
  readonly seed?: number;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
}

/** What is trained and how; what is absent is what the ladder entry says, else the trainer's own default. */
export function addTuneFlags(command: Command): Command {
  return command
    .option('--rung <name>', 'the ladder entry to tune, or a rung that need not be on it; fine-tuned')
    .addOption(new Option('--method <method>', 'what is learnt from').choices(['supervised', 'preference', 'pretraining']))
    .option('--model <role>', 'what to tune: a role of models: or a model name; that of the ladder entry, else base')
    .option('--trainer <name>', 'who trains; the first trainer that can tune the model')
    .option('--epochs <n>', 'passes over the training rows', count)
    .option('--learning-rate <rate>', 'of the optimiser, as 2e-4', positiveNumber)
    .option('--learning-rate-multiplier <factor>', 'for services that choose the rate themselves', positiveNumber)
    .option('--warmup-ratio <share>', 'share of the steps in which the rate rises', share)
    .option('--rank <n>', 'of the adapter', count)
    .option('--alpha <n>', 'scale of the adapter', positiveNumber)
    .option('--dropout <share>', 'of the adapter', share)
    .option('--weight-decay <rate>', 'of the optimiser', amount)
    .option('--batch-size <n>', 'rows per optimiser step', count)
    .option('--beta <n>', 'how strongly a preference tune is held to where it began', positiveNumber)
    .option('--patience <n>', 'evaluations without improvement before training stops', count)
    .option('--evaluate-every <n>', 'steps between evaluations', count)
    .addOption(new Option('--quantization <kind>', 'the base model in four bits (QLoRA)').choices(['nf4']))
    .option(
      '--sweep <option=values>',
      'try several, as --sweep learning-rate=1e-3,3e-3 --sweep rank=8,16: the worse half is dropped again and again',
      swept,
    )
    .option('--mend', 'where a guard stands in the way: mix general rows in, stop earlier, take a smaller rank, until none does')
    .option('--budget <dollars>', 'stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'rows in flight', count)
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber);
}

const optionNames = [
  ...['trainer', 'epochs', 'learningRate', 'learningRateMultiplier', 'warmupRatio', 'rank', 'alpha', 'dropout'],
  ...['weightDecay', 'batchSize', 'beta', 'patience', 'evaluateEvery', 'quantization'],
] as (keyof TuneFlags)[];

/** What was asked of a task, as a run keeps it. */
export function requestOf(task: string, flags: TuneFlags): TuneRequest {
  const { rung, method, model, seed, budget, maxCalls, concurrency, sweep, mend } = flags;
  const options: JsonObject = Object.fromEntries(optionNames.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
  return { task, rung, method, model, options, seed, budget, maxCalls, concurrency, sweep, mend };
}

/** `learning-rate=1e-3,3e-3` or `learningRate=…`, added to what was said before. */
function swept(text: string, before: Sweep = {}): Sweep {
  const [name = '', values] = text.split('=');
  if (name.trim() === '' || values === undefined) {
    throw unreadableFlag(`${JSON.stringify(text)} names no option with its values.`, 'Write it as learning-rate=1e-3,3e-3.');
  }
  const option = name.trim().replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const numbers = [...new Set(values.split(',').map(amount))];
  return { ...before, [option]: numbers };
}
