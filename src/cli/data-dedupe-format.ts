import { countText, dollarsText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { DedupeDocument } from './data-dedupe-document.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';

const shownDropped = 10;
const shownReview = 5;

/** What a deduplication read, wrote, dropped and lost, and how long its stages took, for people. */
export function formatDataDedupe(document: DedupeDocument, columns: number): Line[] {
  const { read, written, dropped, review, lost, stages, notes, files } = document;
  const seconds = stages.map(({ stage, seconds: took }) => `${stage} ${took.toFixed(1)} s`).join(', ');
  return [
    ...prose(document.recognised, columns),
    ...prose(`Wrote ${rowsText(written)} of ${countText(read)}: ${files.join(', ')}.`, columns, 'bold'),
    ...dropped.slice(0, shownDropped).flatMap(({ row, why }) => prose(`row ${row}: ${why}`, columns)),
    ...(dropped.length > shownDropped ? prose(`${rowsText(dropped.length)} were dropped in all; --json lists them.`, columns) : []),
    ...review
      .slice(0, shownReview)
      .flatMap(({ line, other, likeness }) =>
        prose(`rows ${line} and ${other} may say the same (cosine ${likeness.toFixed(3)}); both stay`, columns, 'yellow'),
      ),
    ...(review.length > shownReview ? prose(`${countText(review.length)} such pairs in all; --json lists them.`, columns) : []),
    ...embeddingLines(document, columns),
    ...lost.flatMap(({ field, rows }) => prose(`lost: ${field} of ${rowsText(rows)}: the format has no place for it.`, columns, 'yellow')),
    ...(document.approximate
      ? prose(
          'Very many rows are alike: only the likeliest pairs of them were compared, so some near-duplicates may remain.',
          columns,
          'yellow',
        )
      : []),
    ...notes.flatMap((note) => prose(note, columns, 'dim')),
    ...prose(seconds, columns, 'dim'),
  ];
}

function embeddingLines({ embeddings }: DedupeDocument, columns: number): Line[] {
  if (embeddings === null) return [];
  const { model, dollars, calls, cached, withoutVector } = embeddings;
  const spent = `${dollars === null ? 'price unknown' : `${dollarsText(dollars)} spent`}, ${countText(calls)} ${calls === 1 ? 'call' : 'calls'}, ${countText(cached)} vectors from the store`;
  return [
    ...prose(`Vectors by ${shortText(model, 60)}: ${spent}.`, columns),
    ...(withoutVector > 0
      ? prose(`${rowsText(withoutVector)} without text, or with more than text, were not compared by vectors.`, columns, 'yellow')
      : []),
  ];
}

function rowsText(rows: number): string {
  return `${countText(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}
