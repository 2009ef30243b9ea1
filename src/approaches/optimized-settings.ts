import { z } from 'zod';
import type { PrepareInput } from '#core/approach.ts';
import type { Example } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import { Deck } from './optimized-deck.ts';
import { rewriterName } from './optimized-rewriter.ts';
import { readOptions } from './prompted.ts';

const usualCalls = 600;
const usualTrials = 40;
const usualPays = 0.01;
const heldShare = 0.25;
const fewestRows = 8;
/** The largest part of the calls that one whole measurement may take. */
const partPerTrial = 6;

const optionsSchema = z.object({
  calls: z.int().min(20).max(1_000_000).optional().describe('a whole number from 20: the most calls to ask'),
  trials: z.int().min(1).max(1000).optional().describe('a whole number from 1 to 1000: the most changes to try'),
  pays: z.number().min(0).max(1).optional().describe('a number from 0 to 1: the smallest gain worth having'),
  rewriter: z.string().min(1).optional().describe('a role of models:, a model name, or none'),
});

export interface Settings {
  readonly calls: number;
  readonly trials: number;
  readonly pays: number;
  /** Name of the model that rewrites instructions; absent where none does. */
  readonly rewriter?: string;
}

export function readSettings(options: JsonObject): Omit<Settings, 'rewriter'> & { readonly rewriterOption?: string } {
  const { calls = usualCalls, trials = usualTrials, pays = usualPays, rewriter } = readOptions('optimized', optionsSchema, options);
  return { calls, trials, pays, ...(rewriter !== undefined && { rewriterOption: rewriter }) };
}

export function settingsOf({ options, roles, model }: Pick<PrepareInput, 'options' | 'roles' | 'model'>): Settings {
  const { rewriterOption, ...rest } = readSettings(options);
  const rewriter = rewriterName(rewriterOption, roles, model.model);
  return { ...rest, ...(rewriter !== undefined && { rewriter }) };
}

/** Why there is too little to measure changes on; undefined where there is enough. */
export function tooFewRows({ validation }: Pick<PrepareInput, 'validation'>): string | undefined {
  if (validation.length >= fewestRows) return undefined;
  return `It needs at least ${fewestRows} validation examples to measure changes on; there are ${validation.length}.`;
}

/**
 * The validation rows in two parts: one to search on, one held back for the winner alone. Few calls are spent on few
 * rows, so that there are several changes to choose from.
 */
export function slicesOf(
  { validation, seed }: Pick<PrepareInput, 'validation' | 'seed'>,
  calls: number,
): { search: readonly Example[]; held: readonly Example[] } {
  const order = new Deck(validation, seed).draw(validation.length);
  const search = Math.max(fewestRows - 2, Math.min(Math.ceil((1 - heldShare) * order.length), Math.ceil(calls / partPerTrial)));
  const held = Math.min(order.length - search, Math.floor(heldShare * order.length), Math.floor(calls / 12));
  return { search: order.slice(0, search), held: order.slice(order.length - held) };
}
