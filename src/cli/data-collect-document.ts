import type { PlannedCollection } from '#data/grow/collect-plan.ts';
import type { StoringNotes } from '#data/grow/collect-rows.ts';
import type { DataFile } from '#data/read-data-file.ts';
import type { WrittenData } from '#data/write-data-file.ts';
import type { Scorer } from '../growth/collect-data.ts';
import type { DataCollectFlags } from './data-collect-flags.ts';

interface Collected {
  readonly flags: DataCollectFlags;
  readonly path: string;
  readonly opened: DataFile;
  readonly planned: PlannedCollection;
  readonly notes: StoringNotes;
  readonly written: Pick<WrittenData, 'written' | 'dropped' | 'lost'> & Partial<WrittenData>;
  readonly scorer: Scorer | undefined;
}

export type CollectDocument = ReturnType<typeof collectDocument>;

/** What `rung data collect --json` prints. */
export function collectDocument({ flags, path, opened, planned, notes, written, scorer }: Collected) {
  const { dropped, sharedPrompt, diversity, scores } = planned;
  const lost = new Map(notes.left);
  for (const { field, rows } of written.lost) lost.set(field, (lost.get(field) ?? 0) + rows);
  const prunes = sharedPrompt !== undefined && flags.keepPrompt !== true;
  return {
    schema: 'rung.data-collect/1',
    file: path,
    output: flags.output,
    format: flags.to,
    recognised: opened.recognised,
    dryRun: flags.dryRun === true,
    read: planned.read,
    kept: planned.count,
    written: flags.dryRun ? 0 : written.written,
    dropped: [...dropped.list, ...written.dropped],
    droppedRows: dropped.count + written.dropped.length,
    reasons: dropped.reasons(),
    lost: [...lost].sort().map(([field, rows]) => ({ field, rows })),
    ...(written.hash === undefined ? {} : { hash: written.hash }),
    seed: flags.seed,
    ...(sharedPrompt === undefined ? {} : { sharedPrompt: { rows: sharedPrompt.rows, text: sharedPrompt.text, taken: prunes } }),
    redaction: {
      on: flags.keepPersonalData !== true,
      rows: notes.redactedRows,
      renamedIds: notes.renamed,
      kinds: Object.fromEntries([...notes.redacted].sort()),
    },
    ...(diversity === undefined
      ? {}
      : { diversity: { ...diversity, method: 'k-center greedy over hashed four-character pieces (Gonzalez 1985)' } }),
    ...(scorer === undefined
      ? {}
      : {
          score: { metric: scorer.score.metric, minimum: flags.minimum ?? 1, ...(scores ?? {}), asksModel: scorer.asks },
          spent: scorer.spent(),
        }),
    warnings: [...opened.notes(), ...warningsOf(planned, flags, scorer, prunes)],
  };
}

function warningsOf(
  { count, scores, approximate, diversity }: PlannedCollection,
  flags: DataCollectFlags,
  scorer: Scorer | undefined,
  prunes: boolean,
): string[] {
  const warnings: string[] = [];
  if (scorer !== undefined && flags.dryRun && scorer.asks) {
    warnings.push(
      `${scorer.score.metric} asks a model for each of the ${count} rows; nothing was asked, so what it would leave out is not known.`,
    );
  }
  if (scorer !== undefined && scores !== undefined && scores.scored === 0 && scores.unscored > 0 && !scorer.ended()) {
    warnings.push(
      `${scorer.score.metric} says nothing of any row: a metric that compares with an expected answer has none in a log. Name one that needs none, as --metric format, or a judge.`,
    );
  }
  if (scorer?.ended() && !flags.dryRun) warnings.push('The budget ended first: rows after that were left out without a score.');
  if (prunes) {
    warnings.push('The shared prompt was taken out: train without it only if the tune is to be asked without it; --keep-prompt leaves it.');
  }
  if (flags.keepPersonalData) warnings.push('Secrets and personal data were not looked for.');
  if (diversity !== undefined && diversity.pool < diversity.of) {
    warnings.push(`Diverse rows were chosen among ${diversity.pool} rows drawn from the ${diversity.of} that were left.`);
  }
  if (approximate) warnings.push('The rows are so many and so alike that some near-duplicates may have been missed.');
  return warnings;
}
