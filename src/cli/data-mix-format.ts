import { countText } from '#report/number-text.ts';
import type { MixDocument } from './data-mix-document.ts';
import { shareText } from './share-text.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import { textTable } from './terminal/text-table.ts';

type Part = MixDocument['parts'][number];

/** What a mix came to, for people: shares before and after, with counts. */
export function formatDataMix(document: MixDocument, columns: number): Line[] {
  const { parts, training, sides, refusals, warnings, droppedRows, dropped, lost } = document;
  const held = sides.validation + sides.test;
  return [
    ...prose(document.recognised, columns, 'gray'),
    ...textTable<Part>(
      [
        { title: 'part', keep: 7, cell: ({ part }) => [{ text: part, style: 'bold' }] },
        { title: 'could be taken', keep: 3, right: true, cell: ({ eligible }) => [{ text: countText(eligible) }] },
        { title: 'taken', keep: 6, right: true, cell: ({ taken }) => [{ text: countText(taken) }] },
        { title: 'before', keep: 4, right: true, cell: ({ shareBefore }) => [{ text: shareText(shareBefore) }] },
        { title: 'after', keep: 5, right: true, cell: ({ share }) => [{ text: shareText(share) }] },
        { title: 'of the text', keep: 2, right: true, cell: ({ characterShare }) => [{ text: shareText(characterShare) }] },
        { title: 'refusals', keep: 1, right: true, cell: (part) => [{ text: countText(part.refusals) }] },
      ],
      parts,
      columns,
    ),
    ...prose(
      `${countText(training.before)} rows to train on became ${countText(training.after)}${held === 0 ? '' : `; ${countText(held)} rows for validation and test stay as they were`}. Answers that refuse: ${shareText(refusals.before)} before, ${shareText(refusals.after)} after, by how they begin.`,
      columns,
    ),
    ...(droppedRows === 0
      ? []
      : prose(`${countText(droppedRows)} rows were left out, the first on line ${dropped[0]?.row}: ${dropped[0]?.why}`, columns, 'yellow')),
    ...lost.flatMap(({ field, rows }) => prose(`${field} of ${countText(rows)} rows was lost.`, columns, 'yellow')),
    ...warnings.flatMap((warning) => prose(warning, columns, 'yellow')),
    ...prose(
      document.hash === undefined ? 'Nothing was written.' : `Hash ${document.hash.slice(0, 16)}, seed ${document.seed}.`,
      columns,
      'gray',
    ),
  ];
}
