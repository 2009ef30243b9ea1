import type { Command } from 'commander';
import { inputError } from '#core/errors.ts';

/** The flags of `rung cost`; dollars, tokens of a turn, months, shares from 0 to 1. */
export interface CostFlags {
  readonly json?: boolean;
  readonly prices?: string;
  readonly requests?: number;
  readonly turns?: number;
  readonly horizon?: number;
  readonly wrongAnswer?: number;
  readonly promptTokens?: number;
  readonly tunedPromptTokens?: number;
  readonly userTokens?: number;
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
  readonly model?: string;
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  readonly cachedPrice?: number;
  readonly cachedShare?: number;
  readonly batchShare?: number;
  readonly batchDiscount?: number;
  readonly tunedPriceFactor?: number;
  readonly training?: number;
  readonly trainingTokens?: number;
  readonly epochs?: number;
  readonly trainingPrice?: number;
  readonly labels?: number;
  readonly labelPrice?: number;
  readonly engineeringHours?: number;
  readonly hourlyRate?: number;
  readonly hosting?: number;
  readonly hostingPerHour?: number;
  readonly maintenance?: number;
  readonly retrains?: number;
  readonly retrainCost?: number;
  readonly accuracy?: number;
  readonly tunedAccuracy?: number;
}

/** Flags that also go with a scenario file or a task folder, whose figures they take the place of. */
const general: readonly string[] = ['json', 'debug', 'requests', 'turns', 'horizon', 'wrongAnswer'];

/** The names of given flags that describe a prompt and a tuned model: with none, a file or a folder must be named. */
export function describingFlags(flags: CostFlags): string[] {
  return Object.keys(flags)
    .filter((name) => !general.includes(name))
    .map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
}

export function addCostFlags(command: Command): Command {
  const number = (flag: string, say: string, limits: Limits = {}) =>
    command.option(`--${flag} <n>`, say, (text: string) => numberOf(flag, text, limits));
  number('requests', 'requests a month');
  number('turns', 'turns of a request; a conversation sends its history again every turn (default 1)', { whole: true, least: 1 });
  number('horizon', 'months to add up (default 12)', { above: 0 });
  number('wrong-answer', 'price of a wrong answer');
  number('prompt-tokens', 'tokens of the system prompt');
  number('tuned-prompt-tokens', 'tokens of the prompt of the tuned model (default 0)');
  number('user-tokens', 'tokens of what the user says (default 0)');
  number('output-tokens', 'tokens of an answer (default 0)');
  number('reasoning-tokens', 'reasoning tokens of an answer, billed as output (default 0)');
  command.option('--model <name>', 'take prices from the price book');
  command.option('--prices <file>', 'a price book in place of the one that comes with rung');
  number('input-price', 'of a million input tokens');
  number('output-price', 'of a million output tokens');
  number('cached-price', 'of a million input tokens read from the cache of the service');
  number('cached-share', 'share of first turns that find the system prompt in the cache (default 0)', { most: 1 });
  number('batch-share', 'share of requests that go in a batch (default 0)', { most: 1 });
  number('batch-discount', 'share of the token prices that a batch saves', { most: 1 });
  number('tuned-price-factor', 'token prices of the tuned model as a multiple of the others (default 1)');
  number('training', 'one-time price of the training (default 0)');
  number('training-tokens', 'tokens of the training rows');
  number('epochs', 'times that they are trained on (default 1)');
  number('training-price', 'of a million trained tokens');
  number('labels', 'rows to label for the training');
  number('label-price', 'of a label');
  number('engineering-hours', 'one-time work on the tuned model');
  number('hourly-rate', 'of an hour of it');
  number('hosting', 'a month of hosting the tuned model, asked or idle');
  number('hosting-per-hour', 'an hour of hosting it, for 730 hours a month');
  number('maintenance', 'a month of looking after it');
  number('retrains', 'retrainings a month');
  number('retrain-cost', 'of a retraining (default: the training again)');
  number('accuracy', 'share of right answers of the prompt', { most: 1 });
  number('tuned-accuracy', 'share of right answers of the tuned model', { most: 1 });
  return command;
}

interface Limits {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

function numberOf(flag: string, text: string, { least = 0, above, most = 1e15, whole }: Limits): number {
  const value = Number(text);
  const fits = text.trim() !== '' && value >= least && value <= most && (above === undefined || value > above);
  if (fits && (!whole || Number.isInteger(value))) return value;
  const wanted = above === undefined ? `from ${least} to ${most === 1e15 ? '10^15' : most}` : `more than ${above}`;
  throw inputError({
    code: 'flag-unreadable',
    message: `--${flag} must be a ${whole ? 'whole ' : ''}number ${wanted}, and it is ${JSON.stringify(text)}.`,
    hint: 'See rung cost --help.',
  });
}
