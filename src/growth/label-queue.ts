import type { LabelCoverage } from '#data/grow/label-coverage.ts';
import { finalLabel, isDrawnTwice, type LabelLedger } from '#data/grow/label-ledger.ts';
import { type LabelOrder, mostInformative } from '#data/grow/label-order.ts';
import type { LabelRow } from '#data/grow/label-row.ts';
import { drawIndices } from './label-teacher.ts';

export interface QueueOptions {
  readonly rows: readonly LabelRow[];
  readonly ledger: LabelLedger;
  readonly by: string;
  readonly order: LabelOrder;
  readonly seed: number;
  readonly double: number;
  readonly adjudicate?: boolean;
  readonly coverage: LabelCoverage;
  margins(): Float32Array | undefined;
}

/** Which row a person sees, and which comes next. */
export interface LabelQueue {
  readonly shown: number | undefined;
  /** Goes on to the row after this one; a new one where this was the latest. */
  next(): void;
  /** Goes back to the row seen before this one. */
  back(): void;
  /** Goes on after a row was labelled or skipped; stays where another one is shown. */
  leave(index: number): void;
  show(index: number): void;
  /** Rows that this person has still to label. */
  left(): number;
}

/**
 * Chooses rows. Those that another person labelled and that are drawn for two come first, so that agreement is known early; nobody sees what the
 * other said. A row that was passed over without a word comes again when no other is left.
 */
export function labelQueue({ rows, ledger, by, order, seed, double, adjudicate, coverage, margins }: QueueOptions): LabelQueue {
  const trail: number[] = [];
  let at = -1;
  const drawnOrder = order === 'random' ? drawIndices(rows.length, rows.length, seed) : undefined;
  const second = (row: LabelRow) => {
    const said = ledger.of(row.key);
    return said !== undefined && said.people.size === 1 && !said.people.has(by) && isDrawnTwice(row.key, double, seed);
  };
  const isOpen = (row: LabelRow) => {
    const said = ledger.of(row.key);
    if (said?.skipped.has(by)) return false;
    if (adjudicate) return finalLabel(said) === 'disagreement';
    if (row.answer !== undefined || said?.people.has(by)) return false;
    return said === undefined || said.people.size === 0 || second(row);
  };
  const open = () => Array.from(rows.keys()).filter((index) => isOpen(rows[index]!));
  const choose = (): number | undefined => {
    const seen = new Set(trail);
    const all = open();
    const fresh = all.filter((index) => !seen.has(index));
    const pool = fresh.length > 0 ? fresh : all.filter((index) => index !== trail[at]);
    const waiting = pool.filter((index) => second(rows[index]!));
    const candidates = waiting.length > 0 ? waiting : pool;
    if (order === 'file' || adjudicate) return candidates[0];
    if (drawnOrder === undefined) return mostInformative({ open: candidates, coverage, margins: margins() });
    const may = new Set(candidates);
    return drawnOrder.find((index) => may.has(index));
  };
  return {
    get shown() {
      return trail[at];
    },
    next() {
      if (at < trail.length - 1) {
        at += 1;
        return;
      }
      const chosen = choose();
      if (chosen === undefined) return;
      trail.push(chosen);
      at = trail.length - 1;
    },
    back() {
      if (at > 0) at -= 1;
    },
    leave(index) {
      if (trail[at] !== index) return;
      const later = trail.findIndex((one, place) => place > at && isOpen(rows[one]!));
      const chosen = later < 0 ? choose() : undefined;
      if (chosen !== undefined) trail.push(chosen);
      // past the end where nothing is left: no row is shown then
      at = later < 0 ? (chosen === undefined ? trail.length : trail.length - 1) : later;
    },
    show(index) {
      const known = trail.lastIndexOf(index);
      if (known >= 0) {
        at = known;
        return;
      }
      at = Math.max(0, Math.min(at, trail.length));
      trail.splice(at, 0, index);
    },
    left: () => open().length,
  };
}
