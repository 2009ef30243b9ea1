import type { WrittenData } from '#data/write-data-file.ts';
import { countText } from '#report/number-text.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';

const shownDropped = 10;

export interface ConvertDocument extends Pick<WrittenData, 'written' | 'dropped' | 'lost'>, Partial<Pick<WrittenData, 'hash' | 'files'>> {
  readonly schema: string;
  readonly file: string;
  readonly output: string;
  readonly from: string;
  readonly to: string;
  readonly recognised: string;
  readonly dryRun: boolean;
  readonly read: number;
  readonly droppedRows: number;
  readonly notes: readonly string[];
}

/** What a conversion read, wrote, dropped and lost, for people. */
export function formatDataConvert(document: ConvertDocument, columns: number): Line[] {
  const { written, read, to, files = [] } = document;
  const target = files.length === 0 ? document.output : files.join(', ');
  const done = document.dryRun
    ? `Would write ${rowsText(written)} of ${countText(read)} as ${to} to ${document.output}. Nothing was written.`
    : `Wrote ${rowsText(written)} of ${countText(read)} as ${to}: ${target}.`;
  return [
    ...prose(document.recognised, columns),
    ...prose(done, columns, 'bold'),
    ...document.lost.flatMap(({ field, rows }) =>
      prose(`lost: ${field} of ${rowsText(rows)}: ${to} has no place for it.`, columns, 'yellow'),
    ),
    ...document.dropped.slice(0, shownDropped).flatMap(({ row, why }) => prose(`row ${row}: ${why}`, columns, 'red')),
    ...(document.droppedRows > shownDropped
      ? prose(`${countText(document.droppedRows)} rows were dropped in all; --json lists the first thousand.`, columns)
      : []),
    ...document.notes.flatMap((note) => prose(note, columns, 'dim')),
  ];
}

function rowsText(rows: number): string {
  return `${countText(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}
