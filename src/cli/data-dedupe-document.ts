import type { Deduplicated } from '#data/deduplicate/deduplicate-rows.ts';
import type { WrittenData } from '#data/write-data-file.ts';

/** What `rung data dedupe --json` prints. */
export interface DedupeDocument extends Pick<WrittenData, 'written' | 'lost' | 'hash' | 'files'> {
  readonly schema: 'rung.data-deduplicated/1';
  readonly file: string;
  readonly output: string;
  readonly recognised: string;
  /** Jaccard similarity from which rows are near-duplicates; null where none are looked for. */
  readonly near: number | null;
  /** The chance that two rows exactly so alike are compared at all; it rises steeply above. What is dropped was compared. */
  readonly recallAtNear: number | null;
  readonly semantic: boolean;
  /** Cosine from which rows went as saying the same; null without --semantic. */
  readonly semanticThreshold: number | null;
  /** The model whose vectors were compared, what they cost, and rows that it got no text of; null where words were compared. */
  readonly embeddings: {
    readonly model: string;
    /** Null where no source gives the price. */
    readonly dollars: number | null;
    readonly calls: number;
    readonly cached: number;
    readonly withoutVector: number;
  } | null;
  readonly read: number;
  /** Every row that is not in the output, in the order of the file. */
  readonly dropped: readonly { readonly row: number; readonly why: string; readonly kept?: number; readonly likeness?: number }[];
  /** Rows that may say the same as another; they stay. */
  readonly review: Deduplicated['review'];
  /** True where near-duplicates may have been missed. */
  readonly approximate: boolean;
  readonly stages: readonly { readonly stage: string; readonly seconds: number }[];
  readonly notes: readonly string[];
}
