import type { GuardResult, GuardStatus } from '#core/guard.ts';
import type { JobEvent } from '#core/job.ts';
import { countText, dollarsText, durationText, plainText, valueTextOf } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { TuneDocument } from '../tune-document.ts';
import { prose } from './terminal/prose.ts';
import type { Line, Style } from './terminal/styled-line.ts';
import { lossCurve, settingsText, storyOf } from './terminal/training-words.ts';

const curveHeight = 8;
const curveWidth = 90;

export const stateStyles: Readonly<Record<string, Style>> = {
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
  stopped: 'yellow',
  paused: 'yellow',
};

/** A tune as lines for people: what came of it, its curve, and what the guards found. */
export function formatTune(
  document: TuneDocument,
  events: readonly JobEvent[],
  { columns, notes = [] }: { columns: number; notes?: readonly string[] },
): Line[] {
  const { job, trainer, status, base, model, adapter, candidate, rung, rows, hyperparameters, spent, error } = document;
  const field = (name: string, text: string) => prose(text, columns, undefined, `  ${name.padEnd(9)} `);
  const tuned = model === null ? [] : field('model', adapter === undefined ? model : `${model} with adapter ${adapter.slice(0, 12)}`);
  const rungText = rung === undefined ? [] : field('rung', candidate === undefined ? rung : `${rung}, candidate ${candidate}`);
  const calls = spent.calls === undefined ? '' : `, ${countText(spent.calls)} calls, ${countText(spent.cached ?? 0)} cached`;
  return [
    [
      { text: job, style: 'bold' },
      { text: '  ' },
      { text: status, style: stateStyles[status] ?? 'cyan' },
      { text: `  ${trainer} on ${shortText(base, 60)}` },
    ],
    ...rungText,
    ...tuned,
    ...field('rows', `${countText(rows.train)} to train on, ${countText(rows.validation)} to validate on`),
    ...field('settings', ownOr(settingsText(hyperparameters))),
    ...(document.sweep ?? []).flatMap((tried) => field(tried === document.sweep?.[0] ? 'tried' : '', triedText(tried, document))),
    ...(document.best === null ? [] : field('best', bestText(document))),
    ...lossCurve(storyOf(events), { width: Math.min(columns, curveWidth), height: curveHeight }),
    ...(error === undefined ? [] : field('error', `${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`)),
    ...document.guards.flatMap((guard) => guardLines(guard, columns)),
    ...(document.mended ?? []).flatMap((step, index) => field(index === 0 ? 'mended' : '', mendedText(step))),
    ...(mendedInVain(document) ? field('', 'None of this let every guard pass: what is shown is the tune as it was asked for.') : []),
    ...field('spent', `${dollarsText(spent.dollars)}, ${durationText(spent.seconds)}${calls}`),
    ...notes.flatMap((note) => prose(note, columns, undefined, '→ ')),
  ];
}

/** "mix {…}, patience 1: forgetting stands in the way" */
function mendedText({ settings, failed, impossible }: NonNullable<TuneDocument['mended']>[number]): string {
  const asked =
    Object.keys(settings).length === 0
      ? 'as asked'
      : Object.entries(settings)
          .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
          .join(', ');
  if (impossible !== undefined) return `${asked}: not tried, ${impossible}`;
  return `${asked}: ${failed.length === 0 ? 'no guard stands in the way' : `in the way: ${failed.join(', ')}`}`;
}

/** Remedies add up, so that the last of them is the tune that is shown where it let every guard pass. */
function mendedInVain({ mended = [] }: TuneDocument): boolean {
  return (mended.at(-1)?.failed.length ?? 0) > 0;
}

/** "learningRate 0.003, rank 16: accuracy 94.0 %, validation loss 0.071, dropped in round 2" */
function triedText(
  { settings, metric, validationLoss, dropped }: NonNullable<TuneDocument['sweep']>[number],
  { steps }: TuneDocument,
): string {
  const name = steps.flatMap(({ metrics = {} }) => Object.keys(metrics))[0] ?? 'metric';
  const reached = [
    ...(metric === undefined ? [] : [`${name} ${valueTextOf([metric]).value(metric)}`]),
    ...(validationLoss === undefined ? [] : [`validation loss ${plainText(validationLoss)}`]),
  ];
  const end = dropped === undefined ? 'tuned to its end' : `dropped in round ${dropped}`;
  return `${ownOr(settingsText(settings))}: ${[...reached, end].join(', ')}`;
}

function ownOr(settings: string): string {
  return settings === '' ? "the trainer's own" : settings;
}

/** "step 80 of 120: accuracy 88.0 % on 100 validation rows, validation loss 0.51" */
function bestText({ best, steps, rows }: TuneDocument): string {
  const at = steps.find(({ step }) => step === best?.step);
  const metrics = Object.entries(at?.metrics ?? {}).map(
    ([name, value]) => `${name} ${valueTextOf([value]).value(value)} on ${countText(rows.validation)} validation rows`,
  );
  const loss = at?.validationLoss === undefined ? [] : [`validation loss ${plainText(at.validationLoss)}`];
  const known = [...metrics, ...loss];
  return `step ${countText(best?.step ?? 0)} of ${countText(steps.at(-1)?.step ?? 0)}${known.length === 0 ? '' : `: ${known.join(', ')}`}`;
}

const guardMarks: Readonly<Record<GuardStatus, { readonly mark: string; readonly style: Style }>> = {
  passed: { mark: '✓', style: 'green' },
  failed: { mark: '✗', style: 'red' },
  undecided: { mark: '?', style: 'yellow' },
  skipped: { mark: '–', style: 'gray' },
};

function guardLines({ id, status, why, suggestions = [], blocks }: GuardResult, columns: number): Line[] {
  const { mark, style } = guardMarks[status];
  const told = status !== 'passed' && status !== 'skipped' && !blocks ? ' (told only: it keeps nothing from being chosen)' : '';
  const tried = status === 'failed' || status === 'undecided' ? suggestions : [];
  return [
    ...prose(`${why}${told}`, columns, style, `  ${mark} ${id.padEnd(12)} `),
    ...tried.flatMap((suggestion) => prose(suggestion, columns, 'gray', `${' '.repeat(17)}→ `)),
  ];
}
