import { countText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { CollectDocument } from './data-collect-document.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import { textTable } from './terminal/text-table.ts';

const shownReasons = 12;
const shownPrompt = 200;

/** What was collected, for people. */
export function formatDataCollect(document: CollectDocument, columns: number): Line[] {
  const { reasons, sharedPrompt, redaction, lost, warnings, dryRun, hash } = document;
  const kinds = Object.entries(redaction.kinds).map(([kind, times]) => `${times} ${kind}`);
  return [
    ...prose(document.recognised, columns, 'gray'),
    ...prose(
      dryRun
        ? `${countText(document.kept)} of ${countText(document.read)} rows would be collected.`
        : `${countText(document.written)} of ${countText(document.read)} rows collected into ${document.output}.`,
      columns,
      'bold',
    ),
    ...(reasons.length === 0 ? [] : [[]]),
    ...(reasons.length === 0
      ? []
      : textTable<(typeof reasons)[number]>(
          [
            { title: 'left out', keep: 2, right: true, cell: ({ rows }) => [{ text: countText(rows) }] },
            { title: 'because the row', keep: 1, cell: ({ why }) => [{ text: shortText(why, Math.max(20, columns - 14)) }] },
          ],
          reasons.slice(0, shownReasons),
          columns,
        )),
    ...(reasons.length === 0 ? [] : [[]]),
    ...(sharedPrompt === undefined
      ? []
      : prose(
          `${countText(sharedPrompt.rows)} rows begin with one prompt${sharedPrompt.taken ? ', which was taken out' : ''}: ${shortText(sharedPrompt.text, shownPrompt)}`,
          columns,
        )),
    ...(kinds.length === 0 ? [] : prose(`Replaced in ${countText(redaction.rows)} rows: ${kinds.join(', ')}.`, columns)),
    ...(redaction.renamedIds === 0
      ? []
      : prose(`${countText(redaction.renamedIds)} ids and groups held personal data and became hashes.`, columns)),
    ...(lost.length === 0
      ? []
      : prose(`Fields not carried on: ${lost.map(({ field, rows }) => `${field} (${countText(rows)})`).join(', ')}.`, columns, 'gray')),
    ...warnings.flatMap((warning) => prose(warning, columns, 'yellow')),
    ...prose(hash === undefined ? 'Nothing was written.' : `Hash ${hash.slice(0, 16)}, seed ${document.seed}.`, columns, 'gray'),
  ];
}
