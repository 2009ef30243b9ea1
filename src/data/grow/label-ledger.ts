import { sha256 } from '#core/json.ts';
import type { LabelAct, LabelEvent } from './label-event.ts';

/** What people said of one row. */
export interface RowLabels {
  /** Latest label of each person, in the order in which people first labelled the row. */
  readonly people: ReadonlyMap<string, Extract<LabelAct, { do: 'label' }>>;
  readonly skipped: ReadonlySet<string>;
  readonly decided?: Extract<LabelAct, { do: 'decide' }>;
}

/** The one answer of a row, or that people disagree; undefined where nobody labelled it. */
export type FinalLabel = { readonly label: string; readonly act: Exclude<LabelAct, { do: 'skip' }> } | 'disagreement' | undefined;

export interface LabelLedger {
  apply(event: LabelEvent): void;
  /** Acts that stand, in order. */
  readonly acts: readonly LabelAct[];
  of(row: string): RowLabels | undefined;
  /** The act that `undo` by this person would take back. */
  lastOf(by: string): LabelAct | undefined;
}

/** Adds acts up to what stands of each row. */
export function labelLedger(events: Iterable<LabelEvent>): LabelLedger {
  const acts: LabelAct[] = [];
  const rows = new Map<string, LabelAct[]>();
  const views = new Map<string, RowLabels>();
  const lastIndexOf = (by: string) => acts.findLastIndex((act) => act.by === by);
  const ledger: LabelLedger = {
    acts,
    apply(event) {
      if (event.do === 'undo') {
        const at = lastIndexOf(event.by);
        if (at < 0) return;
        const [act] = acts.splice(at, 1);
        rows.set(
          act!.row,
          (rows.get(act!.row) ?? []).filter((one) => one !== act),
        );
        views.delete(act!.row);
        return;
      }
      acts.push(event);
      rows.set(event.row, [...(rows.get(event.row) ?? []), event]);
      views.delete(event.row);
    },
    of(row) {
      const held = views.get(row);
      if (held !== undefined) return held;
      const own = rows.get(row);
      if (own === undefined || own.length === 0) return undefined;
      const made = rowLabels(own);
      views.set(row, made);
      return made;
    },
    lastOf: (by) => acts[lastIndexOf(by)],
  };
  for (const event of events) ledger.apply(event);
  return ledger;
}

function rowLabels(acts: readonly LabelAct[]): RowLabels {
  const people = new Map<string, Extract<LabelAct, { do: 'label' }>>();
  const skipped = new Set<string>();
  let decided: RowLabels['decided'];
  for (const act of acts) {
    if (act.do === 'skip') skipped.add(act.by);
    else skipped.delete(act.by);
    if (act.do === 'label') people.set(act.by, act);
    if (act.do === 'decide') decided = act;
  }
  return { people, skipped, ...(decided === undefined ? {} : { decided }) };
}

/** What was decided where people disagreed; else the label that all who labelled it gave. */
export function finalLabel(labels: RowLabels | undefined): FinalLabel {
  if (labels?.decided !== undefined) return { label: labels.decided.label, act: labels.decided };
  const [first, ...others] = labels?.people.values() ?? [];
  if (first === undefined) return undefined;
  return others.every(({ label }) => label === first.label) ? { label: first.label, act: first } : 'disagreement';
}

/** Whether a row is drawn to be labelled by two people: the same rows for everybody, about `share` of them. */
export function isDrawnTwice(row: string, share: number, seed: number): boolean {
  return Number.parseInt(sha256(`${seed} ${row}`).slice(0, 8), 16) / 2 ** 32 < share;
}
