import type { Answer } from '#core/candidate.ts';
import { textOf } from '#core/example.ts';
import { defineProbe, type ProbeCase, type ProbeInput, type ProbeOutcome } from '#core/probe.ts';
import { quantileOfRows } from '#statistics/quantile.ts';
import { type Random, seededRandom } from '#statistics/random.ts';
import { type Asked, ask, inParallel } from './ask.ts';
import { drawOne, needExamples } from './draw.ts';
import { readOptions, wholeNumber, wholeNumbers } from './options.ts';

const known = {
  lengths: wholeNumbers([0, 50, 200], 0, 1_000_000),
  loads: wholeNumbers([1, 2, 4, 8], 1, 1000),
  requests: wholeNumber(12, 2, 10_000),
  limitMs: wholeNumber(1000, 1, 3_600_000),
};

/** One length under one load. */
interface Cell {
  readonly length: number;
  readonly load: number;
}

const words = ['invoice', 'parcel', 'refund', 'login', 'meeting', 'window', 'garden', 'report', 'letter', 'shelf', 'river', 'ticket'];

/** What one request took. */
interface Times {
  /** NaN where it is not known. */
  readonly total: number;
  readonly firstToken: number;
  /** True where an earlier run measured it. */
  readonly recorded: boolean;
}

/**
 * Time to the first token and to the whole answer, against the length of the prompt with the fewest requests in flight,
 * and against the requests in flight with the shortest prompt. Each request begins differently, so that neither a prompt
 * cache nor the store answers it; a repeated run with the same seed takes the times that were recorded, and says so. Times
 * are the calls' own, one after the other: waiting for a turn is not in them.
 */
export const latency = defineProbe({
  id: 'latency',
  summary: 'Time to the first token and to the whole answer against prompt length and load.',
  measures: [
    { id: 'withinLimit', summary: 'Share of answers that took no longer than limitMs.', better: 'higher' },
    { id: 'firstTokenMs', summary: 'Time to the first token, over prompt tokens.', better: 'lower', unit: 'ms' },
    { id: 'totalMs', summary: 'Time to the whole answer, over prompt tokens.', better: 'lower', unit: 'ms' },
    { id: 'firstTokenMsAtLoad', summary: 'Time to the first token, over requests in flight.', better: 'lower', unit: 'ms' },
    { id: 'totalMsAtLoad', summary: 'Time to the whole answer, over requests in flight.', better: 'lower', unit: 'ms' },
  ],
  checkOptions: (options) => void readOptions('latency', options, known),
  forecast({ options, concurrency }) {
    const { lengths, loads, requests } = readOptions('latency', options, known);
    const words = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    return { questions: lengths.length * loadsWithin(loads, concurrency).length * requests, turns: 1, moreTokens: Math.ceil(1.5 * words) };
  },
  async run(candidate, input, context) {
    needExamples('latency', input.examples);
    const options = readOptions('latency', input.options, known);
    const random = seededRandom(input.seed);
    const loads = loadsWithin(options.loads, input.concurrency);
    const cells = loads.flatMap((load) => options.lengths.map((length): Cell => ({ length, load })));
    const total = cells.length * options.requests;
    const asked: Asked[][] = [];
    for (const [at, cell] of cells.entries()) {
      const texts = Array.from({ length: options.requests }, (_, index) => requestText(cell, index, input, random));
      const progress = ({ done }: { done: number }) => context.progress({ done: at * options.requests + done, total });
      const parallel = { signal: context.signal, progress, concurrency: cell.load };
      asked.push(await inParallel(texts, parallel, (text) => ask(candidate, text, context.signal)));
    }
    const tokens = new Map(
      options.lengths.map((length) => [length, meanTokens(asked.filter((_, at) => cells[at]!.length === length).flat())]),
    );
    const times = asked.map((ofCell) => ofCell.flatMap(({ answer }) => (answer === undefined ? [] : [timesOf(answer)])));
    const outcomes = cells.flatMap(({ length, load }, at) =>
      times[at]!.flatMap((each): ProbeOutcome[] => {
        const x = tokens.get(length) ?? length;
        return [
          ...outcomeOf('withinLimit', Number.isNaN(each.total) ? Number.NaN : Number(each.total <= options.limitMs), x),
          ...(load === loads[0] ? [...outcomeOf('firstTokenMs', each.firstToken, x), ...outcomeOf('totalMs', each.total, x)] : []),
          ...(length === options.lengths[0]
            ? [...outcomeOf('firstTokenMsAtLoad', each.firstToken, load), ...outcomeOf('totalMsAtLoad', each.total, load)]
            : []),
        ];
      }),
    );
    const cases = cells.map((cell, at) => caseOf(cell, times[at]!, tokens.get(cell.length), options.limitMs, input.confidence));
    return { probe: 'latency', outcomes, cases: [...firstTokensKnown(times.flat()), ...cases] };
  },
});

/** More at once than the run allows would wait for their turn. */
function loadsWithin(loads: readonly number[], concurrency: number): readonly number[] {
  return [...new Set(loads.map((load) => Math.min(load, concurrency)))];
}

function outcomeOf(measure: string, score: number, x: number): ProbeOutcome[] {
  return Number.isNaN(score) ? [] : [{ measure, score, x }];
}

/** A case where first tokens are not known: the wire does not show them unless the answer is streamed. */
function firstTokensKnown(times: readonly Times[]): ProbeCase[] {
  const known = times.filter(({ firstToken }) => !Number.isNaN(firstToken)).length;
  if (known === times.length) return [];
  const why = known === 0 ? 'not known' : `known for ${known} of ${times.length} answers`;
  const reason = `${why}: only a streamed answer shows its first token, and no answer without a model has one (stream: true for a server)`;
  return [{ id: 'first tokens', passed: true, reason }];
}

/** An example's text behind so many words, different in every request. */
function requestText({ length, load }: Cell, index: number, { examples }: ProbeInput, random: Random): string {
  const head = `Note ${load}-${length}-${index + 1}-${Math.floor(random() * 1e6)}:`;
  const filler = Array.from({ length }, () => drawOne(words, random)).join(' ');
  return [head, filler, textOf(drawOne(examples, random).input)].filter(Boolean).join(' ');
}

/** NaN where a time is not known or no model was asked. The first token is that of the last call, after all others. */
function timesOf({ calls }: Answer): Times {
  const sumOf = (some: Answer['calls']) => some.reduce((sum, { latencyMs }) => sum + (latencyMs ?? Number.NaN), 0);
  const last = calls.at(-1);
  if (last === undefined) return { total: Number.NaN, firstToken: Number.NaN, recorded: false };
  const firstToken = sumOf(calls.slice(0, -1)) + (last.firstTokenMs ?? Number.NaN);
  return { total: sumOf(calls), firstToken, recorded: calls.some(({ cached }) => cached) };
}

/** Prompt tokens of the answered requests, rounded; undefined where they are not known. */
function meanTokens(asked: readonly Asked[]): number | undefined {
  const tokens = asked.flatMap(({ answer }) => (answer === undefined ? [] : [inputTokens(answer)])).filter(Number.isFinite);
  return tokens.length === 0 ? undefined : Math.round(tokens.reduce((sum, each) => sum + each, 0) / tokens.length);
}

function inputTokens({ calls }: Answer): number {
  return calls.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? Number.NaN), 0);
}

function caseOf(
  { length, load }: Cell,
  times: readonly Times[],
  tokens: number | undefined,
  limitMs: number,
  confidence: number,
): ProbeCase {
  const id = `${length} words before/${load} at once`;
  const shown = (of: 'total' | 'firstToken', probability: number, name: string): string[] => {
    const column = Float64Array.from(times, (each) => each[of]);
    const quantile = quantileOfRows(column, probability, { confidence });
    if (quantile === undefined) return [];
    const end = (bound: number | null) => (bound === null ? '?' : bound.toFixed(1));
    return [`${name} ${quantile.value.toFixed(1)} ms (${end(quantile.low)} to ${end(quantile.high)})`];
  };
  const median = shown('total', 0.5, 'median');
  if (median.length === 0) return { id, passed: false, reason: 'no answer whose time is known' };
  const n = times.filter(({ total }) => !Number.isNaN(total)).length;
  const recorded = times.filter((each) => each.recorded).length;
  const reasons = [
    ...median,
    ...shown('total', 0.95, 'p95'),
    ...shown('firstToken', 0.5, 'first token, median'),
    `n ${n}, order statistics`,
    ...(tokens === undefined ? [] : [`${tokens} prompt tokens`]),
    ...(recorded === 0 ? [] : [`${recorded} measured by an earlier run`]),
  ];
  return { id, passed: times.every(({ total }) => !(total > limitMs)), reason: reasons.join('; ') };
}
