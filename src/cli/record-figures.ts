import { text as readStream } from 'node:stream/consumers';
import { inputError, messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import type { Plugins } from '#core/plugins.ts';
import { type Figures, isDate } from '#verdict/record-check.ts';
import type { PlannedTask } from '../session.ts';
import { versions } from '../versions.ts';
import { readJson } from './cost-read-json.ts';

/** Figures that the task itself tells: its traffic, its rows, the day, the rungs there are. */
export function liveFigures(
  { task, plan }: PlannedTask,
  { plugins, today, decidedBy }: { plugins: Plugins; today: string; decidedBy: string },
): Figures {
  const onLadder = new Set(task.ladder.map(({ approach }) => (typeof approach === 'string' ? approach : approach.id)));
  const { train, validation, test } = plan.splits;
  return {
    requestsPerMonth: task.traffic.requestsPerMonth,
    requirementChangesPerMonth: task.traffic.requirementChangesPerMonth,
    trainRows: train.length,
    validationRows: validation.length,
    testRows: test.length,
    date: today,
    // what the Rung that decided had to offer was there to be put on the ladder
    newRungs: decidedBy === versions.rung ? 0 : plugins.approaches.filter(({ id }) => !onLadder.has(id)).length,
  };
}

/** Figures of a JSON file, or of standard input where the file is `-`. Throws where it is not one flat object. */
export async function readFigures(file: string, input: () => NodeJS.ReadStream): Promise<Figures> {
  const value = file === '-' ? parsed(await readStream(input())) : await readJson(file, 'figures');
  const place = { file: file === '-' ? 'standard input' : file };
  const hint = 'Write one flat JSON object, as {"requestsPerMonth": 400000, "accuracy": 0.93, "date": "2027-01-14"}.';
  if (!isJsonObject(value)) throw inputError({ code: 'figures-unreadable', message: 'The figures are not one JSON object.', hint, place });
  for (const [name, figure] of Object.entries(value)) {
    if (typeof figure === 'number' || typeof figure === 'string') continue;
    throw inputError({
      code: 'figures-unreadable',
      message: `The figure ${JSON.stringify(name)} is neither a number nor a date.`,
      hint,
      place,
    });
  }
  return value as Figures;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw inputError({
      code: 'figures-unreadable',
      message: `The figures are not JSON: ${messageOf(cause)}.`,
      hint: 'Write one flat JSON object, as {"requestsPerMonth": 400000}.',
      place: { file: 'standard input' },
      cause,
    });
  }
}

/** Reads `requestsPerMonth=400000` or `date=2027-01-14`. */
export function setFigure(text: string, figures: Figures): Figures {
  const match = /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(text);
  const value = match === null ? undefined : isDate(match[2]) ? match[2] : Number(match[2]);
  if (match !== null && (typeof value === 'string' || Number.isFinite(value))) return { ...figures, [match[1]!]: value! };
  throw inputError({
    code: 'flag-unreadable',
    message: `${JSON.stringify(text)} is not a figure.`,
    hint: 'Write it as --set requestsPerMonth=400000 or --set date=2027-01-14.',
  });
}

/** Reads a day for `--today`. */
export function readDay(text: string): string {
  if (isDate(text)) return text;
  throw inputError({ code: 'flag-unreadable', message: `${JSON.stringify(text)} is not a date.`, hint: 'Write it as 2027-01-14.' });
}

/** Reads a whole number for `--seed`. */
export function readSeed(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw inputError({ code: 'flag-unreadable', message: `${JSON.stringify(text)} is not a whole number.`, hint: 'Write it as 7.' });
}
