import type { Estimate } from './estimate.ts';
import type { EarlyStop } from './evidence.ts';
import type { TrainingEvent } from './trainer.ts';

/** What a run tells whoever shows it. */
export type ProgressEvent =
  | { readonly type: 'plan'; readonly task: string; readonly rungs: readonly { readonly rung: string; readonly rows: number }[] }
  | { readonly type: 'prepare'; readonly rung: string; readonly message: string; readonly done?: number; readonly total?: number }
  | { readonly type: 'training'; readonly rung: string; readonly event: TrainingEvent }
  | {
      readonly type: 'rows';
      readonly rung: string;
      readonly done: number;
      readonly total: number;
      readonly failed: number;
      readonly estimate?: Estimate;
      readonly metric?: string;
    }
  | { readonly type: 'rung-done'; readonly rung: string; readonly candidate: string; readonly stopped?: EarlyStop }
  | { readonly type: 'skipped'; readonly rung: string; readonly why: string }
  | { readonly type: 'spent'; readonly dollars: number; readonly calls: number; readonly cached: number; readonly retries: number }
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

export type ProgressListener = (event: ProgressEvent) => void;
