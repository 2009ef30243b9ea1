import type { MixDocument } from './data-mix-document.ts';
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
        { title: 'could be taken', keep: 3, right: true, cell: ({ eligible }) => [{ text: number(eligible) }] },
        { title: 'taken', keep: 6, right: true, cell: ({ taken }) => [{ text: number(taken) }] },
        { title: 'before', keep: 4, right: true, cell: ({ shareBefore }) => [{ text: percent(shareBefore) }] },
        { title: 'after', keep: 5, right: true, cell: ({ share }) => [{ text: percent(share) }] },
        { title: 'of the text', keep: 2, right: true, cell: ({ characterShare }) => [{ text: percent(characterShare) }] },
        { title: 'refusals', keep: 1, right: true, cell: (part) => [{ text: number(part.refusals) }] },
      ],
      parts,
      columns,
    ),
    ...prose(
      `${number(training.before)} rows to train on became ${number(training.after)}${held === 0 ? '' : `; ${number(held)} rows for validation and test stay as they were`}. Answers that refuse: ${percent(refusals.before)} before, ${percent(refusals.after)} after, by how they begin.`,
      columns,
    ),
    ...(droppedRows === 0
      ? []
      : prose(`${number(droppedRows)} rows were left out, the first on line ${dropped[0]?.row}: ${dropped[0]?.why}`, columns, 'yellow')),
    ...lost.flatMap(({ field, rows }) => prose(`${field} of ${number(rows)} rows was lost.`, columns, 'yellow')),
    ...warnings.flatMap((warning) => prose(warning, columns, 'yellow')),
    ...prose(
      document.hash === undefined ? 'Nothing was written.' : `Hash ${document.hash.slice(0, 16)}, seed ${document.seed}.`,
      columns,
      'gray',
    ),
  ];
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
