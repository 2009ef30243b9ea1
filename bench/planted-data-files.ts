import type { Json } from '../src/core/json.ts';
import type { Row } from './planted-data.ts';
import type { Draw } from './planted-data-words.ts';

/** A kind of file: with a fault where it has rules that should see it, else right and at most looking like a fault. */
export interface PlantedFile {
  readonly rules?: readonly string[];
  /** Rules that are right about it too, without being meant. */
  readonly also?: readonly string[];
  readonly kind: string;
  /** What is given to the check beside the rows. */
  readonly options?: Readonly<Record<string, Json>>;
  /** Rows, and where the fault is in some of them, their lines. */
  make(random: Draw): { readonly rows: readonly Row[]; readonly marked?: readonly number[] };
}
