import type { ApproachContext, MeasuredRow, PrepareInput } from '#core/approach.ts';
import { candidateId } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { contentHash } from '#core/json.ts';
import { manifestOfVariant } from './optimized-candidate.ts';
import type { Variant } from './optimized-history.ts';

/** Thrown where the next rows would take more calls than are left. */
export class CallsEnded extends Error {}

/**
 * Counts what an optimisation asks, and asks nothing twice. Calls count also where the answer comes from the store, so
 * that a resumed optimisation takes the same path as one that was never interrupted.
 */
export class Ledger {
  readonly #input: PrepareInput;
  readonly #context: ApproachContext;
  readonly #allowed: number;
  readonly #known = new Map<string, Map<string, MeasuredRow>>();
  readonly #ids = new Map<string, string>();
  #calls = 0;

  constructor(input: PrepareInput, context: ApproachContext, allowed: number) {
    this.#input = input;
    this.#context = context;
    this.#allowed = allowed;
  }

  get calls(): number {
    return this.#calls;
  }

  get left(): number {
    return this.#allowed - this.#calls;
  }

  /** Counts calls that were made elsewhere. */
  add(calls: number): void {
    this.#calls += calls;
  }

  async candidate(variant: Variant): Promise<string> {
    const key = contentHash(variant);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = candidateId(await manifestOfVariant(variant, this.#input, this.#context));
    this.#ids.set(key, id);
    return id;
  }

  /** How many of the examples a variant was not asked yet. */
  async unknown(variant: Variant, examples: readonly Example[]): Promise<number> {
    const rows = this.#known.get(await this.candidate(variant));
    return rows === undefined ? examples.length : examples.filter(({ id }) => !rows.has(id)).length;
  }

  /** What a variant came to on examples, in their order. Throws CallsEnded, having asked nothing, where the calls do not do. */
  async measure(variant: Variant, examples: readonly Example[]): Promise<readonly MeasuredRow[]> {
    const id = await this.candidate(variant);
    const rows = this.#known.get(id) ?? new Map<string, MeasuredRow>();
    this.#known.set(id, rows);
    const wanted = examples.filter((example) => !rows.has(example.id));
    if (wanted.length > this.left) throw new CallsEnded();
    if (wanted.length > 0) {
      const manifest = await manifestOfVariant(variant, this.#input, this.#context);
      for (const row of await this.#context.measure(manifest, wanted)) {
        rows.set(row.example.id, row);
        this.#calls += Math.max(1, row.answer?.calls.length ?? 1);
      }
    }
    return examples.map((example) => rows.get(example.id) as MeasuredRow);
  }

  /** Everything that a variant was asked so far. */
  async all(variant: Variant): Promise<readonly MeasuredRow[]> {
    return [...(this.#known.get(await this.candidate(variant))?.values() ?? [])];
  }
}
