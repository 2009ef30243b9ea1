import type { SourceDocument } from './source-document.ts';
import type { TaskShape } from './task-schema.ts';

/** A task file that was read and has the right shape. */
export interface CheckedTask {
  readonly folder: string;
  readonly document: SourceDocument;
  readonly shape: TaskShape;
}
