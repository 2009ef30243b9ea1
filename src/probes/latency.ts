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
  loads: wholeNumbers([1, 4], 1, 1000),
  requests: wholeNumber(12, 2, 10_000),
  limitMs: wholeNumber(1000, 1, 3_600_000),
};

/** One length under one load. */
interface Cell {
  readonly length: number;
  readonly load: number;
}

const words = ['invoice', 'parcel', 'refund', 'login', 'meeting', 'window', 'garden', 'report', 'letter', 'shelf', 'river', 'ticket'];

/**
 * Time to the whole answer against the length of the prompt and the requests in flight. Each request begins differently,
 * so that neither a prompt cache nor the store answers it; a repeated run with the same seed takes the times that were
 * recorded. Times are the calls' own: waiting for a turn is not in them.
 */
export const latency = defineProbe({
  id: 'latency',
  summary: 'Time to the whole answer against prompt length and load.',
  measures: [{ id: 'withinLimit', summary: 'Share of answers that took no longer than limitMs.', better: 'higher' }],
  checkOptions: (options) => void readOptions('latency', options, known),
  async run(candidate, input, context) {
    needExamples('latency', input.examples);
    const options = readOptions('latency', input.options, known);
    const random = seededRandom(input.seed);
    const loads = [...new Set(options.loads.map((load) => Math.min(load, input.concurrency)))];
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
    const outcomes = cells.flatMap(({ length }, at) =>
      [...timesOf(asked[at]!)].flatMap((time): ProbeOutcome[] => {
        if (Number.isNaN(time)) return [];
        return [{ measure: 'withinLimit', score: time <= options.limitMs ? 1 : 0, x: tokens.get(length) ?? length }];
      }),
    );
    const cases = cells.map((cell, at) => caseOf(cell, timesOf(asked[at]!), tokens.get(cell.length), options.limitMs, input.confidence));
    return { probe: 'latency', outcomes, cases };
  },
});

/** An example's text behind so many words, different in every request. */
function requestText({ length, load }: Cell, index: number, { examples }: ProbeInput, random: Random): string {
  const head = `Note ${load}-${length}-${index + 1}-${Math.floor(random() * 1e6)}:`;
  const filler = Array.from({ length }, () => drawOne(words, random)).join(' ');
  return [head, filler, textOf(drawOne(examples, random).input)].filter(Boolean).join(' ');
}

/** Sum over the calls; NaN where a time is not known or no model was asked. */
function millisecondsOf({ calls }: Answer): number {
  if (calls.length === 0) return Number.NaN;
  return calls.reduce((sum, { latencyMs }) => sum + (latencyMs ?? Number.NaN), 0);
}

function timesOf(asked: readonly Asked[]): Float64Array {
  return Float64Array.from(asked, ({ answer }) => (answer === undefined ? Number.NaN : millisecondsOf(answer)));
}

/** Prompt tokens of the answered requests, rounded; undefined where they are not known. */
function meanTokens(asked: readonly Asked[]): number | undefined {
  const tokens = asked.flatMap(({ answer }) => (answer === undefined ? [] : [inputTokens(answer)])).filter(Number.isFinite);
  return tokens.length === 0 ? undefined : Math.round(tokens.reduce((sum, each) => sum + each, 0) / tokens.length);
}

function inputTokens({ calls }: Answer): number {
  return calls.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? Number.NaN), 0);
}

function caseOf({ length, load }: Cell, times: Float64Array, tokens: number | undefined, limitMs: number, confidence: number): ProbeCase {
  const id = `${length} words before/${load} at once`;
  const shown = (probability: number, name: string) => {
    const quantile = quantileOfRows(times, probability, { confidence });
    if (quantile === undefined) return undefined;
    const end = (bound: number | null) => (bound === null ? '?' : bound.toFixed(1));
    return `${name} ${quantile.value.toFixed(1)} ms (${end(quantile.low)} to ${end(quantile.high)})`;
  };
  const median = shown(0.5, 'median');
  if (median === undefined) return { id, passed: false, reason: 'no answer whose time is known' };
  const n = times.filter((time) => !Number.isNaN(time)).length;
  const reasons = [median, shown(0.95, 'p95'), `n ${n}, order statistics`, ...(tokens === undefined ? [] : [`${tokens} prompt tokens`])];
  return { id, passed: times.every((time) => !(time > limitMs)), reason: reasons.join('; ') };
}
