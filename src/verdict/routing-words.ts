import type { RoutingPlan, RoutingVerdict } from '#core/routing.ts';
import type { Verdict } from '#core/verdict.ts';
import { count, dollars, percent, points, pointsRange } from './figures.ts';

type Found = Omit<RoutingVerdict, 'says'>;

/** Whether a cascade beats random routing, in a sentence. */
export function routingSentence(rung: string, found: Found, confidence: number): string {
  const { compared, threshold, strong, cheap } = found;
  if (threshold === null) return `${rung} passes every question on, so it is ${partText(strong)} under another name. ${found.why}`;
  if (compared === null) {
    return `Whether ${rung} beats random routing is not known: its parts, ${partText(cheap)} and ${partText(strong)}, are not on the ladder by themselves. Put both there.`;
  }
  const { gainOverRandom: gain, beatsRandom, by, randomShare } = compared;
  const same = by === 'cost' ? 'at the same cost' : 'with as many strong calls';
  const interval = `${points(gain.value)} (${percent(confidence)} interval ${pointsRange(gain)}, n ${count(gain.n)}, ${gain.method})`;
  return beatsRandom
    ? `${rung} beats random routing ${same}: ${interval}.`
    : `${rung} does not surely beat random routing ${same}: ${interval}. ${otherwise(randomShare, by, strong)}`;
}

function otherwise(randomShare: number, by: 'cost' | 'strong calls', strong: RoutingPlan['strong']): string {
  if (by === 'cost' && randomShare >= 1) return `It costs no less than its strong part alone, ${partText(strong)}.`;
  return 'Asking either part at random may do as well.';
}

/** "zero-shot on openai/gpt-5-mini". */
export function partText({ rung, model }: RoutingPlan['cheap']): string {
  return model === null ? rung : `${rung} on ${model}`;
}

/** All that is to be said of a cascade, in sentences with their figures. */
export function routingLines(rung: string, routing: RoutingVerdict, confidence: number): string[] {
  const { compared, strongShare, signals, signal } = routing;
  const at = `${percent(confidence)} interval`;
  const passed = `${rung} passed on ${percent(strongShare.value)} of the questions (${at} ${percent(strongShare.low)} to ${percent(strongShare.high)}, n ${count(strongShare.n)}, ${strongShare.method}).`;
  const taken = signals.find((each) => each.signal === signal);
  const calibration =
    taken === undefined
      ? []
      : [
          `Confidence of ${rung} by ${signal}: calibration error ${points(taken.calibration.error).replace('+', '')} (n ${count(taken.calibration.n)}, ${taken.calibration.method}); a perfect one would show ${points(taken.calibration.expected).replace('+', '')}, at most ${points(taken.calibration.expectedHigh).replace('+', '')} in 95 of 100 cases.`,
        ];
  // a sentence that already ends in why says no more of it
  const why = routing.threshold === null ? [] : [routing.why];
  const head = [routing.says, ...why, passed, ...calibration];
  if (compared === null) return head;
  const { bestSingle, lost, gapRecovered, apgr, cpt, randomShare, randomMix, by } = compared;
  const mix = `A random mix ${by === 'cost' ? 'of the same cost' : 'of as many strong calls'} asks the strong part ${percent(randomShare)} of the time and reaches ${percent(randomMix.value)} (${at} ${percent(randomMix.low)} to ${percent(randomMix.high)}, n ${count(randomMix.n)}, ${randomMix.method}).`;
  const cost = bestSingle.costPer1k === undefined ? '' : `, at ${dollars(bestSingle.costPer1k)} per 1,000 requests`;
  const best = `The best single rung is ${bestSingle.rung}, ${percent(bestSingle.value)}${cost}; ${rung} against it: ${points(bestSingle.gain.value)} (${at} ${pointsRange(bestSingle.gain)}, p ${bestSingle.gain.p.toPrecision(2)}, n ${count(bestSingle.gain.n)}, ${bestSingle.gain.method}).`;
  const loss = `Lost against the strong part alone: ${points(lost.value)} (${at} ${pointsRange(lost)}, n ${count(lost.n)}, ${lost.method}).`;
  const gap =
    gapRecovered === null
      ? ['The strong part is no better than the cheap one on these rows, so there is no gap to recover.']
      : [
          `Of the gap between its parts ${rung} recovers ${percent(gapRecovered.value)} (${at} ${percent(gapRecovered.low)} to ${percent(gapRecovered.high)}, n ${count(gapRecovered.n)}, ${gapRecovered.method}).`,
        ];
  const curve =
    apgr === null || cpt === null
      ? []
      : [
          `Area recovered over all thresholds ${apgr.value.toFixed(2)} (${at} ${apgr.low.toFixed(2)} to ${apgr.high.toFixed(2)}, n ${count(apgr.n)}, ${apgr.method}; random 0.50). Strong calls for 50, 80 and 95 % of the gap: ${(['50', '80', '95'] as const).map((level) => `${percent(cpt[level].value)} (${percent(cpt[level].low)} to ${percent(cpt[level].high)})`).join(', ')}; random needs 50, 80 and 95 %.`,
        ];
  return [...head, mix, best, loss, ...gap, ...curve];
}

/** What a reader must know of cascades that do not show what they are for. */
export function routingWarnings({ rungs }: Pick<Verdict, 'rungs'>): string[] {
  return rungs.flatMap(({ routing }) =>
    routing === undefined || (routing.threshold !== null && routing.compared?.beatsRandom === true) ? [] : [routing.says],
  );
}
