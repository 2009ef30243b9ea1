import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { RungError } from '#core/errors.ts';
import type { Estimate } from '#core/estimate.ts';
import { isJsonObject } from '#core/json.ts';
import type { Prompt, Shot } from '#core/prompt.ts';

/** What a prompt under search is made of. */
export interface Variant {
  readonly prompt: Prompt;
  /** Shown before every question; empty where they are looked up. */
  readonly shots: readonly Shot[];
  /** Examples looked up for each question in the pool of the training split. */
  readonly nearest?: Nearest;
}

/** How examples are looked up: by words, or by words and pieces of words; the nearest of all, or of every label in turn. */
export interface Nearest {
  readonly shots: number;
  readonly search: 'bm25' | 'fused';
  readonly from: 'all' | 'labels';
  /** The nearest stands next to the question unless told. */
  readonly order: 'nearest-last' | 'nearest-first';
  /** Answer → words that tell it from the others: said of the answers that the looked-up examples have. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
}

/** A paired difference to the version that a change was made to. */
export interface PairedGain extends Estimate {
  readonly p: number;
}

/** Rows that fail alike. */
export interface FailureMode {
  /** In words: "billing read as shipping". */
  readonly name: string;
  readonly rows: number;
  /** Rows that were looked at. */
  readonly of: number;
}

/** One version that was tried: what was hoped, what was changed, what came of it. The first, n 0, is the baseline. */
export interface Trial {
  readonly n: number;
  /** The trial whose version was changed; null for the baseline. */
  readonly parent: number | null;
  readonly candidate: string;
  /** Kind of the change, as "nearest examples". */
  readonly kind: string;
  readonly hypothesis: string;
  /** What was changed, as lines that begin with + or −. */
  readonly change: string;
  /** Of the leading metric, higher better; null where nothing could be measured. */
  readonly value: Estimate | null;
  /** Over the parent's version on the same rows; null for the baseline. */
  readonly gain: PairedGain | null;
  readonly rows: number;
  readonly kept: boolean;
  readonly why: string;
  /** Calls asked so far, this trial's included. */
  readonly calls: number;
  /** Mean prompt tokens of an answer; null where not known. */
  readonly tokens: number | null;
  /** Median time of an answer; null where not known. */
  readonly latencyMs: number | null;
  /** How its answers failed, the commonest first. */
  readonly failures: readonly FailureMode[];
}

/** What the rows that took no part in the search say of the winner. */
export interface HeldBack {
  readonly rows: number;
  /** The trial that the search found best. */
  readonly winner: number;
  /** Its gain over the baseline on these rows. */
  readonly gain: PairedGain | null;
  readonly passed: boolean;
  /** What was chosen after it. */
  readonly chosen: number;
  readonly why: string;
}

/** Why an optimisation ended; `budget` where the run's own limit cut it off. */
export type EndReason = 'plateau' | 'calls' | 'trials' | 'budget';

/** The whole course of an optimisation: the file trials.json of a candidate's artefact `trials`. */
export interface OptimisationHistory {
  readonly schema: 'rung.optimisation/1';
  readonly trials: readonly Trial[];
  /** The trial that was chosen. */
  readonly best: number;
  readonly ended: EndReason;
  /** `calls`: after how many the plateau began. */
  readonly plateau: { readonly reached: boolean; readonly why: string; readonly calls: number | null };
  /** Null where no row was held back. */
  readonly held: HeldBack | null;
  /** Trials that no other beats in quality, tokens and time at once. */
  readonly front: readonly number[];
  readonly calls: number;
  /** The most that were allowed. */
  readonly allowed: number;
  readonly confidence: number;
  readonly notes: readonly string[];
  /** The chosen version and those that it grew from, the baseline first. */
  readonly lineage: readonly { readonly n: number; readonly variant: Variant }[];
}

export const trialsFile = 'trials.json';

/** The course of an optimisation, where the candidate has one. Throws a RungError where its file cannot be read. */
export async function readTrials(artefacts: Pick<ArtefactStore, 'path'>, manifest: Manifest): Promise<OptimisationHistory | undefined> {
  const id = manifest.artefacts['trials'];
  if (id === undefined) return undefined;
  const file = join(await artefacts.path(id), trialsFile);
  const history: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (isJsonObject(history) && history['schema'] === 'rung.optimisation/1') return history as unknown as OptimisationHistory;
  throw new RungError({
    code: 'history-unreadable',
    message: 'The history of this optimisation was written by another version of Rung.',
    hint: 'Run rung optimize again: answers that are in the store are not asked twice.',
    place: { file },
  });
}
