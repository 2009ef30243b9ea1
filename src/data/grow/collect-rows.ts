import type { DataRow, DataTurn } from '#core/data-row.ts';
import { type JsonObject, sha256 } from '#core/json.ts';
import { redactedRow, redactedText } from '#data/checks/secrets-redact.ts';
import { loggedAt, loggedModel } from './collect-fields.ts';
import type { PlannedCollection } from './collect-plan.ts';
import { keptRows, systemPrompt } from './collect-prompt.ts';

export interface StoringOptions {
  /** The log, as provenance names it. */
  readonly log: string;
  /** Takes the prompt of the system that most rows share out of them. */
  readonly prune: boolean;
  /** Replaces secrets and personal data. */
  readonly redact: boolean;
}

/** What was changed while rows were stored; complete once all rows were gone through. */
export interface StoringNotes {
  /** Kind → how often it was replaced. */
  readonly redacted: ReadonlyMap<string, number>;
  readonly redactedRows: number;
  /** Ids and groups that held personal data and became hashes. */
  readonly renamed: number;
  readonly prunedRows: number;
  /** Fields of the log that are not carried on, with the rows that had them. */
  readonly left: ReadonlyMap<string, number>;
}

/** The kept rows as they are stored: pruned, redacted, with where each came from. */
export function storedRows(planned: PlannedCollection, options: StoringOptions): { rows: AsyncGenerator<DataRow>; notes: StoringNotes } {
  const notes = { redacted: new Map<string, number>(), redactedRows: 0, renamed: 0, prunedRows: 0, left: new Map<string, number>() };
  const shared = options.prune ? planned.sharedPrompt?.text : undefined;
  const name = (text: string | undefined) => {
    if (text === undefined || !options.redact || redactedText(text) === text) return text;
    notes.renamed += 1;
    return `h_${sha256(text).slice(0, 16)}`;
  };
  const redact = (row: DataRow): DataRow => {
    const found = options.redact ? redactedRow(row) : undefined;
    if (found === undefined) return row;
    notes.redactedRows += 1;
    for (const [kind, times] of found.kinds) notes.redacted.set(kind, (notes.redacted.get(kind) ?? 0) + times);
    return found.row;
  };
  async function* rows(): AsyncGenerator<DataRow> {
    for await (const row of keptRows(planned.source, planned.kept)) {
      const { id, group, extra, form: _form, ...kept } = row;
      for (const field of Object.keys(extra ?? {})) notes.left.set(field, (notes.left.get(field) ?? 0) + 1);
      const isPruned = shared !== undefined && systemPrompt(row) === shared;
      if (isPruned) notes.prunedRows += 1;
      const named = name(id);
      const owner = name(group);
      yield {
        ...redact({ ...kept, turns: isPruned ? withoutPrompt(row.turns) : row.turns }),
        ...(named === undefined ? {} : { id: named }),
        ...(owner === undefined ? {} : { group: owner }),
        source: row.source ?? 'log',
        extra: { log: provenance(row, named, options.log) },
      };
    }
  }
  return { rows: rows(), notes };
}

function withoutPrompt(turns: readonly DataTurn[]): readonly DataTurn[] {
  return turns.slice(turns.findIndex(({ role }) => role !== 'system' && role !== 'developer'));
}

function provenance(row: DataRow, id: string | undefined, file: string): JsonObject {
  const [model, time] = [loggedModel(row), loggedAt(row)];
  return {
    file,
    line: row.line,
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    ...(time === undefined || !Number.isFinite(new Date(time).getTime()) ? {} : { time: new Date(time).toISOString() }),
  };
}
