import { inputError } from '#core/errors.ts';
import type { LabelAct, LabelEvent } from '#data/grow/label-event.ts';
import type { LabelJournal } from '#data/grow/label-journal.ts';
import { finalLabel, labelLedger } from '#data/grow/label-ledger.ts';
import type { LabelOrder } from '#data/grow/label-order.ts';
import type { LabelRow } from '#data/grow/label-row.ts';
import { drafting, type LabelDraft } from './label-drafting.ts';
import {
  type Disagreement,
  disagreements,
  type LabelProgress,
  labelPace,
  labelProgress,
  type PairAgreement,
  pairAgreements,
} from './label-figures.ts';
import { labelLearning } from './label-learning.ts';
import { labelQueue } from './label-queue.ts';
import { type LabelStopping, labelStopping } from './label-stopping.ts';
import { labelTeacher, type TaughtRow } from './label-teacher.ts';

export interface LabellingOptions {
  readonly rows: readonly LabelRow[];
  /** The answers there may be; absent where answers are free text. */
  readonly labels?: readonly string[];
  readonly by: string;
  readonly journal: LabelJournal;
  readonly order: LabelOrder;
  readonly seed: number;
  /** Share of the rows that two people label. */
  readonly double: number;
  /** True where the rows are those on which people disagreed, and what is said is the last word. */
  readonly adjudicate?: boolean;
  /** Smallest gain of accuracy that matters. */
  readonly minimumGain: number;
  readonly confidence: number;
  /** A model's answer to a row; rejects where there is none. */
  readonly draft?: (row: LabelRow) => Promise<string>;
  /** Why an answer cannot be taken, a sentence; undefined where it can. */
  readonly refuse?: (answer: string) => string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What a person may do. `row` is the key of the row they look at, so that a late press never labels another. */
export type LabelAction =
  | { readonly do: 'label'; readonly row: string; readonly label: string }
  | { readonly do: 'skip'; readonly row: string }
  | { readonly do: 'undo' | 'next' | 'back' };

/** The row on the screen. */
export interface ShownRow {
  readonly row: LabelRow;
  /** What this person said of it before. */
  readonly label?: string;
  readonly draft?: LabelDraft;
  /** What others said, where the disagreement is to be settled. */
  readonly others?: readonly { readonly by: string; readonly label: string }[];
}

export interface LabellingView {
  readonly shown: ShownRow | undefined;
  /** Rows that this person has still to label. */
  readonly left: number;
  readonly progress: LabelProgress;
  readonly pace: ReturnType<typeof labelPace>;
  readonly stopping: LabelStopping | undefined;
  readonly canUndo: boolean;
}

export interface LabellingFigures {
  readonly progress: LabelProgress;
  readonly agreements: readonly PairAgreement[];
  readonly disagreements: readonly Disagreement[];
  readonly stopping: LabelStopping | undefined;
}

/** One person's labelling of one file, whatever shows it. */
export interface Labelling {
  view(): LabellingView;
  /** Does it and keeps it; throws a usage error for a label or a row that there is none of, and where the journal cannot be written. */
  act(action: LabelAction): void;
  figures(): LabellingFigures;
  /** The answer of a row and the act that gave it; undefined where nobody labelled it or people disagree. */
  answerOf(row: LabelRow): { readonly label: string; readonly act: Exclude<LabelAct, { do: 'skip' }> } | undefined;
  /** Calls back when something changed that no action of this person did: a draft came, a model was trained. */
  onChange(listener: () => void): void;
  /** Learns from all labels, so that what is said of stopping is of now. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

/** Starts labelling, or goes on where the journal ends. */
export function openLabelling(options: LabellingOptions): Labelling {
  const { rows, labels, by, journal, seed, confidence } = options;
  const indexOf = new Map(rows.map(({ key }, index) => [key, index]));
  const labelIndex = new Map(labels?.map((label, index) => [label, index]));
  const stands = (event: LabelEvent) => !('label' in event) || labels === undefined || labelIndex.has(event.label);
  const ledger = labelLedger(journal.events.filter(stands));
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const teacher = labelTeacher(
    rows.map(({ text }) => text),
    seed,
  );
  const answerOf: Labelling['answerOf'] = ({ key }) => {
    const final = finalLabel(ledger.of(key));
    return final === 'disagreement' ? undefined : final;
  };
  const taught = (): TaughtRow[] =>
    rows.flatMap((row, index) => {
      const label = labelIndex.get(answerOf(row)?.label ?? row.answer ?? '');
      return label === undefined ? [] : [{ index, label }];
    });
  const learning =
    labels === undefined
      ? undefined
      : labelLearning({ teacher, labelCount: labels.length, rowCount: rows.length, taught, confidence, seed, onLearnt: changed });
  for (const [index, { key, answer }] of rows.entries()) {
    if (answer !== undefined || (ledger.of(key)?.people.size ?? 0) > 0) teacher.coverage.cover(teacher.vectors[index]!);
  }
  const queue = labelQueue({ ...options, ledger, coverage: teacher.coverage, margins: () => learning?.margins });
  const drafts = drafting(options.draft, changed);
  learning?.notice();
  queue.next();

  const keep = (event: LabelEvent) => {
    journal.append(event);
    ledger.apply(event);
  };
  const indexOfRow = (key: string): number => {
    const index = indexOf.get(key);
    if (index === undefined) throw inputError({ code: 'unknown-row', message: 'There is no such row in the file.' });
    return index;
  };
  const at = () => ({ at: options.now(), by });
  const label = (key: string, text: string) => {
    const index = indexOfRow(key);
    if (text.trim() === '') throw inputError({ code: 'empty-label', message: 'An answer has to say something.' });
    if (labels !== undefined && !labelIndex.has(text)) {
      throw inputError({ code: 'unknown-label', message: `${JSON.stringify(text.slice(0, 60))} is none of the labels.` });
    }
    const refused = options.refuse?.(text);
    if (refused !== undefined) throw inputError({ code: 'answer-unfit', message: refused });
    const draft = drafts.shown(key);
    if (options.adjudicate) keep({ do: 'decide', ...at(), row: key, label: text });
    else keep({ do: 'label', ...at(), row: key, label: text, ...(draft === undefined ? {} : { draft }) });
    teacher.coverage.cover(teacher.vectors[index]!);
    learning?.notice();
    queue.leave(index);
  };
  const undo = () => {
    const last = ledger.lastOf(by);
    if (last === undefined) throw inputError({ code: 'nothing-to-undo', message: 'There is nothing to take back.' });
    keep({ do: 'undo', ...at() });
    const index = indexOf.get(last.row);
    if (index !== undefined) queue.show(index);
  };
  const acts: { readonly [Key in LabelAction['do']]: (action: Extract<LabelAction, { do: Key }>) => void } = {
    label: (action) => label(action.row, action.label),
    skip: (action) => {
      const index = indexOfRow(action.row);
      keep({ do: 'skip', ...at(), row: action.row });
      queue.leave(index);
    },
    undo,
    next: () => queue.next(),
    back: () => queue.back(),
  };
  const stopping = () => (learning === undefined ? undefined : labelStopping(learning, options.minimumGain));
  return {
    view() {
      const index = queue.shown;
      const left = queue.left();
      return {
        shown: index === undefined ? undefined : shownRow(rows[index]!),
        left,
        progress: labelProgress(rows, ledger),
        pace: labelPace(ledger.acts, by, left, confidence),
        stopping: stopping(),
        canUndo: ledger.lastOf(by) !== undefined,
      };
    },
    act: (action) => acts[action.do](action as never),
    figures: () => ({
      progress: labelProgress(rows, ledger),
      agreements: pairAgreements(rows, ledger, confidence),
      disagreements: disagreements(rows, ledger),
      stopping: stopping(),
    }),
    answerOf,
    onChange: (listener) => void listeners.push(listener),
    catchUp: async () => learning?.catchUp(),
    async close() {
      listeners.length = 0;
      await learning?.close();
      journal.close();
    },
  };

  function shownRow(row: LabelRow): ShownRow {
    const said = ledger.of(row.key);
    const own = options.adjudicate ? said?.decided?.label : said?.people.get(by)?.label;
    const draft = drafts.of(row);
    const others = options.adjudicate ? [...(said?.people.values() ?? [])].map((act) => ({ by: act.by, label: act.label })) : undefined;
    return { row, ...(own !== undefined && { label: own }), ...(draft && { draft }), ...(others && { others }) };
  }
}
