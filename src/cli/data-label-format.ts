import type { Estimate } from '#core/estimate.ts';
import type { WrittenData } from '#data/write-data-file.ts';
import { shortText } from '#report/visible-text.ts';
import type { LabellingFigures } from '../growth/label-data.ts';
import { count } from './data-label-words.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';

/** What `--json` prints. */
export interface LabelDocument extends LabellingFigures {
  readonly schema: 'rung.data-label/1';
  readonly file: string;
  readonly journal: string;
  /** Null where no row has an answer yet, so that nothing was written. */
  readonly output: ({ readonly file: string; readonly rows: number } & Pick<WrittenData, 'hash' | 'dropped' | 'lost'>) | null;
  readonly by: string;
  readonly labels: readonly string[] | null;
  /** Rows that could not be read, ask nothing, or hold two answers to choose from. */
  readonly passedOver: number;
  /** Lines of the journal that are no act, as the torn end of a process that was killed. */
  readonly unreadableActs: number;
  readonly notes: readonly string[];
}

const shownLabels = 10;
const shownDisagreements = 10;
const shownDropped = 10;

export function formatLabels(document: LabelDocument, width: number): Line[] {
  const { progress, agreements, disagreements, stopping, output } = document;
  const { labelled, rows, skipped, balance, people } = progress;
  const named = Object.entries(people).map(([by, labels]) => `${by} ${count(labels)}`);
  const shown = balance.slice(0, shownLabels).map(({ label, rows: held }) => `${shortText(label, 40)} ${count(held)}`);
  const open = disagreements.filter(({ decided }) => decided === undefined);
  return [
    [{ text: `${count(labelled)} of ${count(rows)} rows have an answer`, style: 'bold' }],
    ...(named.length === 0 ? [] : prose(`labelled by: ${named.join(' · ')}${skipped > 0 ? ` · ${count(skipped)} skipped` : ''}`, width)),
    ...(document.labels === null || shown.length === 0
      ? []
      : prose(`balance: ${shown.join(' · ')}${balance.length > shownLabels ? ' …' : ''}`, width)),
    ...agreements.flatMap(({ people: [one, other], agreed, kappa }) =>
      prose(
        `${one} and ${other} agree on ${shareText(agreed)}${kappa === undefined ? '' : `; kappa ${kappaText(kappa)}`}, n ${count(agreed.n)}, ${agreed.method}${kappa === undefined ? '' : `, ${kappa.method}`}`,
        width,
      ),
    ),
    ...(open.length === 0 ? [] : disagreementLines(open, width)),
    ...(stopping === undefined
      ? []
      : [
          ...(stopping.enough
            ? prose('More labels stop paying, by the small classifier. Whether to stop is yours to say.', width, 'green')
            : []),
          ...prose(stopping.gain.text, width, 'gray'),
          ...prose(stopping.agreement.text, width, 'gray'),
        ]),
    ...document.notes.flatMap((note) => prose(note, width, 'yellow')),
    ...(output === null
      ? prose('Nothing is written yet: no row has an answer.', width)
      : [
          ...prose(`${count(output.rows)} rows written to ${output.file}`, width),
          ...output.dropped
            .flatMap(({ row, why }) => prose(`row ${count(row)} is not in it: ${why}`, width, 'yellow'))
            .slice(0, shownDropped),
          ...output.lost.flatMap(({ field, rows: held }) =>
            prose(`${field} of ${count(held)} rows cannot be written in this format`, width, 'yellow'),
          ),
        ]),
  ];
}

function disagreementLines(open: LabellingFigures['disagreements'], width: number): Line[] {
  const lines = open
    .slice(0, shownDisagreements)
    .flatMap(({ line, id, labels }) =>
      prose(
        `row ${count(line)}${id === undefined ? '' : ` (${id})`}: ${labels.map(({ by, label }) => `${by} says ${shortText(label, 60)}`).join(', ')}`,
        width - 2,
        undefined,
        '  ',
      ),
    );
  const rows = open.length === 1 ? '1 row is' : `${count(open.length)} rows are`;
  return [
    ...prose(`${rows} left out, for people disagree; --adjudicate settles them:`, width, 'yellow'),
    ...lines,
    ...(open.length > shownDisagreements ? [[{ text: `  … ${count(open.length - shownDisagreements)} more` }]] : []),
  ];
}

function shareText({ value, low, high }: Estimate): string {
  const per = (share: number) => (share * 100).toFixed(1);
  return `${per(value)} % of their common rows (95 % interval ${per(low)} to ${per(high)} %)`;
}

function kappaText({ value, low, high }: Estimate): string {
  return `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}
