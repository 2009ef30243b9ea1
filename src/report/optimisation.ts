import type { Estimate } from '#core/estimate.ts';
import { estimateText, methodsText } from './estimate-text.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, type ValueText, valueTextOf } from './number-text.ts';
import { longText, nameText } from './outside-text.ts';
import { linearScale, niceDomain, type Scale } from './scale.ts';
import { scrolling } from './section.ts';
import { shortText } from './visible-text.ts';

interface Gain extends Estimate {
  readonly p: number;
}

/** One version that a search tried; `n` 0 is the baseline. */
interface OptimisationTrial {
  readonly n: number;
  readonly parent: number | null;
  readonly kind: string;
  readonly hypothesis: string;
  /** What was changed, as lines that begin with + or −. */
  readonly change: string;
  readonly value: Estimate | null;
  readonly gain: Gain | null;
  readonly rows: number;
  readonly kept: boolean;
  readonly why: string;
  /** Calls asked so far. */
  readonly calls: number;
  readonly tokens: number | null;
  readonly latencyMs: number | null;
}

/** The course of one optimisation, as a report shows it: what `readTrials` gives, and whose it is. */
export interface OptimisationData {
  readonly rung: string;
  /** Id of the metric that was searched on. */
  readonly metric: string;
  readonly history: {
    readonly trials: readonly OptimisationTrial[];
    readonly best: number;
    readonly plateau: { readonly reached: boolean; readonly why: string; readonly calls: number | null };
    readonly held: {
      readonly rows: number;
      readonly winner: number;
      readonly gain: Gain | null;
      readonly passed: boolean;
      readonly chosen: number;
      readonly why: string;
    } | null;
    readonly front: readonly number[];
    readonly calls: number;
    readonly allowed: number;
    readonly confidence: number;
    readonly notes: readonly string[];
  };
}

interface Chart {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

interface Measured {
  readonly trial: OptimisationTrial;
  readonly value: Estimate;
}

interface Drawing {
  readonly x: Scale;
  readonly y: Scale;
  readonly text: ValueText;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

const top = 34;

/** Quality against calls spent with the plateau marked, and every trial with its reason; null where nothing was measured. */
export function optimisationView(data: OptimisationData, index = 0): SafeHtml | null {
  const measured = data.history.trials.flatMap((trial): Measured[] => (trial.value === null ? [] : [{ trial, value: trial.value }]));
  if (measured.length === 0) return null;
  const { plateau, held, calls, allowed, confidence, notes } = data.history;
  const text = valueTextOf(measured.flatMap(({ value }) => [value.low, value.high]));
  const told = plateau.reached ? `Plateau: ${plateau.why}.` : `It ended before a plateau: ${plateau.why}.`;
  const gains = data.history.trials.flatMap(({ gain }) => (gain === null ? [] : [['gain', gain.method] as const]));
  const methods = methodsText([...measured.map(({ value }) => ['value', value.method] as const), ...gains]);
  return html`<figure><h3>${nameText(data.rung)} <span class="n">${countText(calls)} of ${countText(allowed)} calls</span></h3>${chart(data, measured, text, { id: `optimisation-${index}-wide`, width: 960, height: 400 })}${chart(data, measured, text, { id: `optimisation-${index}-narrow`, width: 360, height: 340 })}<figcaption class="legend"><span><i class="key frontier"></i>kept</span><span><i class="key dominated"></i>dropped</span><span><i class="key metric"></i>best so far</span>${
    plateau.calls !== null && html`<span><i class="key best"></i>plateau</span>`
  }</figcaption></figure><p>${told}${held !== null && html` ${heldText(data, held)}`}${notes.map((note) => html` ${note}`)}</p><div style="margin-top:12px">${scrolling('Trials of the optimisation', table(data, text))}</div><p class="notes">Intervals at ${`${Number((100 * confidence).toFixed(2))} %`}: ${methods}. Values are on the rows that each trial was measured on, so only gains, which are on the same rows, compare.</p>`;
}

function heldText({ history }: OptimisationData, { rows, winner, gain, why }: NonNullable<OptimisationData['history']['held']>): string {
  const text = valueTextOf([0, 1]);
  const figures = gain === null ? 'no score' : `${text.difference(gain.value)} (${text.differenceInterval(gain)}, n ${countText(gain.n)})`;
  return `On ${countText(rows)} rows that were held back, version ${winner} against the baseline: ${figures}; ${why}. Version ${history.best} was chosen.`;
}

function drawingOf({ history }: OptimisationData, measured: readonly Measured[], text: ValueText, { width, height }: Chart): Drawing {
  const [left, right, bottom] = [52, width - 16, height - 48];
  const ends = measured.flatMap(({ value }) => [value.low, value.high]);
  const [low, high] = niceDomain(Math.min(...ends), Math.max(...ends), 5);
  const share = ends.every((end) => end >= 0 && end <= 1);
  return {
    x: linearScale([0, Math.max(1, history.calls)], [left, right], width < 500 ? 4 : 8),
    y: linearScale(share ? [Math.max(0, low), Math.min(1, high)] : [low, high], [bottom, top]),
    ...{ text, left, right, bottom },
  };
}

function chart(data: OptimisationData, measured: readonly Measured[], text: ValueText, size: Chart): SafeHtml {
  const drawing = drawingOf(data, measured, text, size);
  const { x, y, bottom } = drawing;
  const { plateau, best } = data.history;
  const summary = measured
    .filter(({ trial }) => trial.kept)
    .map(({ trial, value }) => `${text.value(value.value)} after ${countText(trial.calls)} calls`)
    .join(', ');
  const at = plateau.calls === null ? undefined : x(plateau.calls);
  return html`<svg class="chart ${size.width < 500 ? 'narrow' : 'wide'}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${size.id}-title ${size.id}-desc"><title id="${size.id}-title">Optimisation of ${shortText(data.rung, 60)}</title><desc id="${size.id}-desc">${summary}</desc>
${axes(drawing, data.metric)}
<g class="line metric"><path d="${steps(data, measured, drawing)}"/></g>
${at !== undefined && html`<line class="best" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${top - 8}" y2="${bottom}"/><text class="best-text" x="${(at > size.width / 2 ? at - 6 : at + 6).toFixed(1)}" y="${top - 10}" text-anchor="${at > size.width / 2 ? 'end' : 'start'}">plateau from ${countText(plateau.calls!)} calls</text>`}
${measured.map(({ trial, value }) => mark(trial, value, trial.n === best, { x, y, text }))}</svg>`;
}

function axes({ x, y, text, left, right, bottom }: Drawing, metric: string): SafeHtml {
  return html`<g class="axis">${y.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${text.tick(tick)}</text>`,
  )}${x.ticks.map(
    (tick) => html`<text x="${x(tick).toFixed(1)}" y="${bottom + 19}" text-anchor="middle">${countText(tick)}</text>`,
  )}<line class="base" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/><text class="title" x="${right}" y="${bottom + 38}" text-anchor="end">calls spent →</text><text class="title" x="${left - 40}" y="${top - 14}">${shortText(metric, 30)}, validation</text></g>`;
}

/** The value of the best version so far, as steps. */
function steps({ history }: OptimisationData, measured: readonly Measured[], { x, y, right }: Drawing): string {
  const kept = measured.filter(({ trial }) => trial.kept);
  const [first] = kept;
  if (first === undefined) return `M${right} ${y.ticks[0] ?? 0}`;
  const path = kept.map(({ trial, value }) => `H${x(trial.calls).toFixed(1)}V${y(value.value).toFixed(1)}`).join('');
  return `M${x(first.trial.calls).toFixed(1)} ${y(first.value.value).toFixed(1)}${path}H${x(history.calls).toFixed(1)}`;
}

function mark(trial: OptimisationTrial, value: Estimate, chosen: boolean, { x, y, text }: Pick<Drawing, 'x' | 'y' | 'text'>): SafeHtml {
  const [across, low, high, middle] = [x(trial.calls), y(value.low).toFixed(1), y(value.high).toFixed(1), y(value.value).toFixed(1)];
  const title = `${trial.n}: ${text.value(value.value)} (${text.interval(value)}, n ${countText(value.n)}, ${value.method}) ${shortText(trial.hypothesis, 200)} ${shortText(trial.why, 200)}`;
  return html`<g class="point ${trial.kept ? 'frontier' : 'dominated'}"><title>${title}</title><path class="whisker" d="M${across.toFixed(1)} ${high}V${low}"/>${chosen && html`<circle class="halo" cx="${across.toFixed(1)}" cy="${middle}" r="8"/>`}<circle class="dot" cx="${across.toFixed(1)}" cy="${middle}" r="4.5"/></g>`;
}

function table({ history }: OptimisationData, text: ValueText): SafeHtml {
  const rows = history.trials.map((trial) => {
    const { n, value, gain, kept, why, calls, tokens } = trial;
    const state = n === history.best ? '★ chosen' : kept ? 'kept' : 'dropped';
    const front = history.front.includes(n) && n !== history.best && html` <span class="n">on the front</span>`;
    return html`<tr><th scope="row" class="figure">${n}</th><td>${shortText(trial.hypothesis, 300)}${trial.change !== '' && longText(trial.change)}</td><td>${value === null ? '–' : estimateText(value, text)}</td><td>${gain === null ? '–' : html`<span class="value" title="${gain.method}">${text.difference(gain.value)}</span> <span class="interval">${text.differenceInterval(gain)} <span class="n">n ${countText(gain.n)}</span></span>`}</td><td>${state}${front}: ${shortText(why, 200)}</td><td class="figure">${tokens === null ? '–' : countText(tokens)}</td><td class="figure">${countText(calls)}</td></tr>`;
  });
  return html`<table><thead><tr><th scope="col" class="figure">n</th><th scope="col">hypothesis and change</th><th scope="col">value</th><th scope="col">gain over its parent</th><th scope="col">what came of it</th><th scope="col" class="figure">prompt tokens</th><th scope="col" class="figure">calls</th></tr></thead><tbody>${rows}</tbody></table>`;
}
