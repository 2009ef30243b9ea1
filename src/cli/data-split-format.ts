import { countText } from '#report/number-text.ts';
import type { SplitDocument } from './data-split-document.ts';
import { shareText } from './share-text.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import { textTable } from './terminal/text-table.ts';

type Part = SplitDocument['parts'][number];

/** What a split came to, for people. */
export function formatDataSplit(document: SplitDocument, columns: number): Line[] {
  const { parts, duplicates, warnings, droppedRows, dropped, kept } = document;
  const held = parts.filter(({ rows, wanted }) => rows > 0 || wanted > 0);
  return [
    ...prose(document.recognised, columns, 'gray'),
    ...textTable<Part>(
      [
        { title: 'part', keep: 5, cell: ({ part }) => [{ text: part, style: 'bold' }] },
        { title: 'rows', keep: 4, right: true, cell: ({ rows }) => [{ text: countText(rows) }] },
        { title: 'share', keep: 3, right: true, cell: ({ share }) => [{ text: shareText(share) }] },
        { title: 'wanted', keep: 2, right: true, cell: ({ wanted }) => [{ text: shareText(wanted) }] },
        { title: 'file', keep: 1, cell: ({ file }) => [{ text: file ?? '–' }] },
      ],
      held,
      columns,
    ),
    ...prose(
      `${countText(document.read - droppedRows)} rows in ${countText(document.sets)} independent sets (the largest has ${countText(document.largestSet)}): ${countText(document.groups)} groups, ${countText(duplicates.equal)} equal and ${countText(duplicates.near)} nearly equal inputs kept together; ${document.stratifiedBy === 'labels' ? 'labels' : 'lengths and sources'} spread in proportion.`,
      columns,
    ),
    ...(kept === undefined ? [] : prose(`${countText(kept.test)} earlier test rows stayed test rows.`, columns)),
    ...(droppedRows === 0
      ? []
      : prose(
          `${countText(droppedRows)} rows could not be read, the first on line ${dropped[0]?.row}: ${dropped[0]?.why}`,
          columns,
          'yellow',
        )),
    ...document.lost.flatMap(({ field, rows }) => prose(`${field} of ${countText(rows)} rows was lost.`, columns, 'yellow')),
    ...warnings.flatMap((warning) => prose(warning, columns, 'yellow')),
    ...prose(
      `${document.dryRun ? 'Nothing was written. ' : ''}Hash ${document.hash.slice(0, 16)}, seed ${document.seed}.`,
      columns,
      'gray',
    ),
  ];
}
