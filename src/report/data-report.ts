import type { DataFinding } from '#core/data-check.ts';
import type { DataCheckDocument } from '#data/check-data-document.ts';
import { countTable, sizeHistogram } from './data-charts.ts';
import { clusterMap } from './data-cluster-map.ts';
import { binsAt, clustersOf, countsAt, figureAt } from './data-figures.ts';
import { intervalBar } from './estimate-text.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, durationText } from './number-text.ts';
import { longText, nameText } from './outside-text.ts';
import { renderPage } from './page.ts';
import { type Section, scrolling } from './section.ts';

/** What training on the file would cost with a service; dollars are absent where no source gives a price. */
export interface DataPagePrice {
  readonly model: string;
  readonly tokens: number;
  readonly epochs: number;
  readonly dollars?: number;
  readonly source: string;
  readonly asOf: string;
  readonly secondHand: boolean;
}

/** How long training would take, by a speed that was measured. */
export interface DataPageTime {
  readonly model: string;
  readonly workers: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly measuredOn: string;
  readonly measuredAt: string;
  readonly measuredWith: string;
}

const families = ['clean', 'consistent', 'diverse', 'balanced', 'representative'] as const;
const badges: Readonly<Record<DataFinding['severity'], string>> = { error: 'not-met', warning: 'undecided', info: 'remark' };
const words: Readonly<Record<DataFinding['severity'], string>> = { error: 'error', warning: 'warning', info: 'remark' };
const shownRows = 30;

/** What `rung data check` found, as one page that needs nothing but itself. Pure: the same document gives the same page. */
export function renderDataReport(
  document: DataCheckDocument,
  prices: readonly DataPagePrice[],
  times: readonly DataPageTime[] = [],
): string {
  const { file, findings, rows, sampled, ok } = document;
  const count = (severity: DataFinding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  const read = sampled === undefined ? `${countText(rows)} rows` : `a sample of ${countText(rows)} of ${countText(sampled.of)} rows`;
  const headline = ok
    ? count('warning') === 0
      ? 'Nothing found that should stop a training'
      : `${counted(count('warning'), 'warning')}, no error`
    : `${counted(count('error'), 'error')} to repair before training`;
  return renderPage({
    title: `${file}: data check`,
    header: html`<header class="headline"><p class="eyebrow"><svg class="logo" viewBox="0 0 20 20" aria-hidden="true"><path d="M5 1v18M15 1v18M5 5h10M5 10h10M5 15h10"/></svg><span>Rung</span><span class="slash">/</span>${nameText(file)}</p><h1>${headline}</h1><p class="lead">${read}. ${document.recognised}</p></header>`,
    sections: [scoreSection(document), findingSection(findings), ...plotSections(document), ...tokenSections(document, prices, times)],
    footer: `Made by Rung in ${document.seconds.total.toFixed(1)} s. What each rule sees and where its threshold comes from: docs/data-check.md.`,
  });
}

function scoreSection({ scores, measures }: DataCheckDocument): Section {
  const lines = families.map((family) => {
    const value = scores[family];
    if (value === undefined) return html`<tr><th scope="row">${family}</th><td class="none">not measured</td><td></td></tr>`;
    const parts = measures[family] ?? [];
    const details = parts.map(
      ({ value: part, low, high, n, method }) =>
        html`<div>${parts.length > 1 && html`${part.toFixed(2)} `}${low !== undefined && high !== undefined && html`<span class="interval">${low.toFixed(2)}–${high.toFixed(2)}</span> `}${method} <span class="n">n ${countText(n)}</span></div>`,
    );
    const estimate = { value, low: 0, high: value, n: 0, method: '' };
    return html`<tr><th scope="row">${family}</th><td><span class="value">${value.toFixed(2)}</span>${intervalBar(estimate, [0, 1])}</td><td>${details}</td></tr>`;
  });
  return {
    id: 'scores',
    title: 'Scores',
    lead: 'From 0 to 1, 1 is best. A score that was not measured is absent and never 0.',
    body: scrolling(
      'Scores',
      html`<table class="measures"><thead><tr><th scope="col">family</th><th scope="col">score</th><th scope="col">how it was measured</th></tr></thead><tbody>${lines}</tbody></table>`,
    ),
  };
}

function findingSection(findings: readonly DataFinding[]): Section {
  const cards = findings.map(
    ({ rule, family, severity, rows, count, message, fix, examples }) =>
      html`<article class="row-card"><header><span class="badge ${badges[severity]}">${words[severity]}</span> ${family} · <code>${rule}</code></header><p class="asked">${message}</p><p class="expected"><span>what to do</span>${fix}</p>${
        rows.length > 0 &&
        html`<p class="note">Rows ${rows.slice(0, shownRows).join(', ')}${count > shownRows && ` and ${countText(count - Math.min(rows.length, shownRows))} more`}.</p>`
      }${examples.length > 0 && html`<ul class="answers cases">${examples.map(({ row, text }) => html`<li><span></span><span class="who">row ${row}</span><span class="said">${longText(text)}</span></li>`)}</ul>`}</article>`,
  );
  return {
    id: 'findings',
    title: 'Findings',
    lead: 'Errors first, then by the number of rows.',
    body: cards.length === 0 ? html`<p>Nothing was found.</p>` : html`<div class="row-cards">${cards}</div>`,
  };
}

function plotSections({ figures }: DataCheckDocument): Section[] {
  const shapes = [
    sizeHistogram('Tokens of a row', 'tokens', binsAt(figures, 'form-length', 'bins')),
    sizeHistogram('Characters of a question', 'characters', binsAt(figures, 'consistent-length', 'questions', 'bins')),
    sizeHistogram('Characters of an answer', 'characters', binsAt(figures, 'consistent-length', 'answers', 'bins')),
  ].filter((chart) => chart !== null);
  const tables = [
    countTable('Classes', countsAt(figures, 'balanced-classes', 'counts')),
    countTable('Languages of questions, a guess', countsAt(figures, 'balanced-languages', 'languages')),
    countTable('Sources', countsAt(figures, 'balanced-sources', 'sources')),
    countTable('Difficulty', countsAt(figures, 'balanced-sources', 'difficulty')),
  ].filter((table) => table !== null);
  const found = clustersOf(figures);
  const map = found === undefined ? null : clusterMap(found.clusters, found.rows);
  const section = (id: string, title: string, parts: readonly SafeHtml[]): Section[] =>
    parts.length === 0 ? [] : [{ id, title, body: html`<div class="stack">${parts}</div>` }];
  return [
    ...section(
      'lengths',
      'Lengths',
      shapes.length === 0 ? [] : [html`<div class="row-cards">${shapes.map((chart) => html`<div>${chart}</div>`)}</div>`],
    ),
    ...section('counts', 'Classes and sources', tables),
    ...(map === null
      ? []
      : [
          {
            id: 'clusters',
            title: 'Clusters',
            lead: 'Each dot is a row; rows with like words lie near each other, as far as two dimensions can show it. Numbers stand in the middle of the clusters below.',
            body: map,
          },
        ]),
  ];
}

function tokenSections({ tokens }: DataCheckDocument, prices: readonly DataPagePrice[], times: readonly DataPageTime[]): Section[] {
  const total = figureAt(tokens, 'total');
  if (typeof total !== 'number') return [];
  const learnt = figureAt(tokens, 'learnt');
  const readings = (Array.isArray(learnt) ? learnt : []).map(
    (each) =>
      html`<tr><th scope="row">${String(figureAt(each, 'trainer'))}</th><td>${String(figureAt(each, 'setting'))}</td><td>${String(figureAt(each, 'learns'))}</td><td class="figure">${countText(Number(figureAt(each, 'tokens') ?? 0))}</td><td class="note">${String(figureAt(each, 'source'))}</td></tr>`,
  );
  const lines = prices.map(
    ({ model, dollars, asOf, secondHand, source }) =>
      html`<tr><th scope="row">${nameText(model)}</th><td class="figure">${dollars === undefined ? 'unknown' : `$${dollars.toFixed(2)}`}</td><td>${asOf}${secondHand && ', second hand'}</td><td class="note">${source}</td></tr>`,
  );
  const [first] = prices;
  return [
    {
      id: 'tokens',
      title: 'Tokens and price',
      lead: `${figureAt(tokens, 'estimated') === true ? 'About ' : ''}${countText(total)} tokens by ${String(figureAt(tokens, 'tokenizer'))}.`,
      body: html`<h3>What is learnt</h3>${scrolling('What is learnt', html`<table class="measures"><thead><tr><th scope="col">trainer</th><th scope="col">setting</th><th scope="col">learns</th><th scope="col" class="figure">tokens</th><th scope="col">source</th></tr></thead><tbody>${readings}</tbody></table>`)}<h3>Price of training</h3>${scrolling('Price of training', html`<table class="measures"><caption>${first === undefined ? '' : `${countText(first.tokens)} tokens over ${first.epochs} epochs`}</caption><thead><tr><th scope="col">model</th><th scope="col" class="figure">dollars</th><th scope="col">as of</th><th scope="col">source</th></tr></thead><tbody>${lines}</tbody></table>`)}${times.length > 0 && timeTable(times)}`,
      notes: `How long a training takes ${times.length > 0 ? 'with services ' : ''}no source says. Services bill the tokens of the file times the epochs.`,
    },
  ];
}

function timeTable(times: readonly DataPageTime[]): SafeHtml {
  const rows = times.map(
    ({ model, workers, seconds, tokensPerSecond, measuredOn, measuredAt, measuredWith }) =>
      html`<tr><th scope="row">${nameText(model)}, ${counted(workers, 'worker')}</th><td class="figure">about ${durationText(seconds)}</td><td class="figure">${countText(tokensPerSecond)}</td><td class="note">${measuredOn}, ${measuredAt}; <code>${measuredWith}</code> measures yours</td></tr>`,
  );
  return html`<h3>Time of training</h3>${scrolling('Time of training', html`<table class="measures"><thead><tr><th scope="col">model</th><th scope="col" class="figure">time</th><th scope="col" class="figure">tokens a second</th><th scope="col">measured on</th></tr></thead><tbody>${rows}</tbody></table>`)}`;
}

function counted(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`;
}
