import type { PrepareInput } from '#core/approach.ts';
import type { Failure } from './optimized-failures.ts';
import type { Variant } from './optimized-history.ts';
import type { NearLabels } from './optimized-neighbours.ts';

/** Where a search stands: what the best version so far is, and how it fails. */
export interface Standing {
  readonly input: PrepareInput;
  readonly best: Variant;
  readonly failures: readonly Failure[];
  /** Share of rows that the best version does not get wholly right. */
  readonly failing: number;
  /** Labels that are near each other in the training rows, the nearest first. */
  readonly near: readonly NearLabels[];
}

/** One change that may be tried. */
export interface Move {
  /** The same change has the same id, whatever it is applied to: one that was dropped is not tried again. */
  readonly id: string;
  /** Kinds share what is learnt of their gains. */
  readonly kind: MoveKind;
  readonly hypothesis: string;
  /** Share of rows that it could repair, at most. */
  readonly reach: number;
  /** Calls that making it takes, before it is measured. */
  readonly calls: number;
  /** The version that it makes; undefined with a reason where it makes none. */
  make(): Promise<Variant | { readonly nothing: string }>;
}

/**
 * Kinds of changes, with the share of the rows in reach that one is thought to repair before any was measured. The order
 * is that of what was seen on small models (docs/optimizer.md): examples, looked up for each question, come first.
 */
export const moveKinds = {
  'nearest examples': 0.3,
  'fixed examples': 0.12,
  'number of examples': 0.1,
  'choice of examples': 0.08,
  rewriting: 0.25,
  definitions: 0.15,
  'lines that tell apart': 0.12,
  'line against a failure': 0.25,
  'own answers': 0.08,
  'examples of a confusion': 0.1,
  'order of examples': 0.04,
  'form of the prompt': 0.05,
  'order of sections': 0.05,
  'repeated format': 0.08,
  'repeated task': 0.05,
  'section dropped': 0.03,
} as const;

export type MoveKind = keyof typeof moveKinds;

/** A change whose result is at hand. */
export function ready(move: Omit<Move, 'make' | 'calls'>, variant: Variant): Move {
  return { ...move, calls: 0, make: async () => variant };
}
