import { inputError, type RungError } from '#core/errors.ts';
import type { Hyperparameters, TrainingJob } from '#core/trainer.ts';
import { type RowOfJob, TrainingRowError } from '#core/training-row-error.ts';
import { isConversation, isPreference, linesOf, type Row } from './hosted-rows.ts';
import type { HostedLimits, HostedService } from './hosted-service.ts';
import type { TokenCount } from './hosted-tokens.ts';

const partNames = { train: 'training', validation: 'validation' } as const;

/** Looks for what the service would refuse. Throws a usage error that names the row, the limit and the way out; sends nothing. */
export function checkLimits(service: HostedService, job: TrainingJob, counter: TokenCount): void {
  const limits = service.limits(job);
  checkNumbers(service, job, limits);
  const { fewestRows = 1, mostRows } = limits;
  if (job.train.length < fewestRows || (mostRows !== undefined && job.train.length > mostRows)) {
    const most = mostRows === undefined ? '' : ` and at most ${mostRows}`;
    throw refused(
      limits,
      `${service.id} takes at least ${fewestRows} training rows${most}; there are ${job.train.length}.`,
      job.train.length < fewestRows ? 'Add rows, or tune with peft, which takes any number.' : 'Take a part of the rows.',
    );
  }
  for (const part of ['train', 'validation'] as const) {
    job[part].forEach((row, index) => {
      checkRow(service, row, { part, index }, limits, counter);
    });
  }
  checkFiles(service, job, limits);
  checkApart(service, job);
}

function refused({ source }: HostedLimits, message: string, hint: string): RungError {
  return inputError({ code: 'training-limits', message, hint: `${hint} Its limits: ${source}` });
}

function refusedRow(row: RowOfJob, fault: string, hint: string): TrainingRowError {
  return new TrainingRowError({ code: 'training-limits', row, fault, hint });
}

function checkNumbers(service: HostedService, { hyperparameters, suffix }: TrainingJob, limits: HostedLimits): void {
  const ranges: readonly (readonly [keyof Hyperparameters, readonly [number, number] | undefined])[] = [
    ['epochs', limits.epochs],
    ['batchSize', limits.batchSize],
    ['rank', limits.rank],
  ];
  for (const [name, range] of ranges) {
    const value = hyperparameters[name];
    if (range === undefined || typeof value !== 'number' || !service.takes.includes(name)) continue;
    if (Number.isInteger(value) && value >= range[0] && value <= range[1]) continue;
    throw refused(
      limits,
      `${service.id} takes ${name} as a whole number from ${range[0]} to ${range[1]}, not ${value}.`,
      `Set ${name} between them, or leave it out.`,
    );
  }
  if (suffix === undefined || limits.suffix === undefined) return;
  if (limits.suffix === 0) throw refused(limits, `${service.id} takes no suffix for the tuned model's name.`, 'Leave the suffix out.');
  if (Array.from(suffix).length > limits.suffix) {
    throw refused(limits, `The suffix is longer than the ${limits.suffix} characters that ${service.id} takes.`, 'Shorten it.');
  }
}

function checkRow(service: HostedService, row: Row, at: RowOfJob, limits: HostedLimits, counter: TokenCount): void {
  if (isConversation(row)) {
    if (row.messages.some(({ content }) => content === '')) throw refusedRow(at, 'has an empty message.', 'Fill it, or drop the row.');
    if (!row.messages.some(({ role, weight }) => role === 'assistant' && weight !== 0)) {
      throw refusedRow(at, 'has no assistant turn to learn.', 'End it with the answer that the model should give, or drop it.');
    }
    if (row.messages.at(-1)?.role !== 'assistant') throw refusedRow(at, 'does not end with an assistant turn.', 'Drop its last turns.');
  }
  if (isPreference(row)) {
    if (row.chosen === '' || row.rejected === '' || row.chosen === row.rejected) {
      throw refusedRow(at, 'does not hold two different answers.', 'Give a better and a worse one, or drop the row.');
    }
    if (row.messages.at(-1)?.role !== 'user') throw refusedRow(at, 'does not end with what the user says.', 'Drop its last turns.');
  }
  if (limits.mostTokensPerRow === undefined) return;
  const tokens = counter.count(row);
  if (tokens <= limits.mostTokensPerRow) return;
  throw refusedRow(
    at,
    `has about ${tokens} tokens (${counter.method}); ${service.id} cuts or refuses rows of more than ${limits.mostTokensPerRow}.`,
    'Shorten the row or drop it.',
  );
}

function checkFiles(service: HostedService, job: TrainingJob, limits: HostedLimits): void {
  const { mostBytes } = limits;
  if (mostBytes === undefined) return;
  for (const part of ['train', 'validation'] as const) {
    const bytes = linesOf(service, job, part).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    if (bytes > mostBytes) {
      throw refused(
        limits,
        `The ${partNames[part]} rows make a file of ${Math.ceil(bytes / 1e6)} MB; ${service.id} takes at most ${Math.floor(mostBytes / 1e6)} MB.`,
        'Take a part of the rows, or shorten them.',
      );
    }
  }
}

function checkApart(service: HostedService, job: TrainingJob): void {
  const trained = new Map(linesOf(service, job, 'train').map((line, index) => [line, index + 1]));
  linesOf(service, job, 'validation').forEach((line, index) => {
    const row = trained.get(line);
    if (row === undefined) return;
    throw refusedRow(
      { part: 'validation', index },
      `is also row ${row} of the training rows.`,
      'Take it out of one of them: a validation loss over rows that were learnt says nothing.',
    );
  });
}

/** What was asked for and the service does not take, in words. */
export function notTaken(service: HostedService, { hyperparameters, method, validation }: TrainingJob): readonly string[] {
  const given = Object.entries(hyperparameters).filter(([, value]) => value !== undefined);
  const left = given.map(([name]) => name).filter((name) => !service.takes.some((taken) => taken === name));
  const isUnvalidated = validation.length > 0 && service.validates?.(method) === false;
  return [
    ...(left.length === 0 ? [] : [`${service.id} chooses these itself, so they are not sent: ${left.join(', ')}.`]),
    ...(isUnvalidated ? [`${service.id} takes no validation rows by the method ${method}, so they are not sent.`] : []),
  ];
}
