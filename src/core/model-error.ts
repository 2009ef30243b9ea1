import { RungError, type RungErrorOptions } from './errors.ts';

export const modelErrorKinds = [
  'rate-limited',
  'overloaded',
  'timeout',
  'network',
  'bad-response',
  'unauthorised',
  'rejected',
  'context-exceeded',
  'not-recorded',
] as const;
export type ModelErrorKind = (typeof modelErrorKinds)[number];

const retryableKinds: ReadonlySet<ModelErrorKind> = new Set(['rate-limited', 'overloaded', 'timeout', 'network', 'bad-response']);

/** Not found, gone, and something else is needed first (RFC 9110, 15.5.5 and 15.5.11; RFC 4918, 11.4). */
const absentStatuses: ReadonlySet<number> = new Set([404, 410, 424]);

export interface ModelErrorOptions extends Omit<RungErrorOptions, 'code'> {
  kind: ModelErrorKind;
  /** How long the service asked to wait. */
  retryAfterMs?: number;
  /** HTTP status, where there was one. */
  status?: number;
}

/** A call that brought no complete answer. The engine decides by `kind` whether to try again. */
export class ModelError extends RungError {
  readonly kind: ModelErrorKind;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(options: ModelErrorOptions) {
    super({ ...options, code: `model-${options.kind}` });
    this.name = 'ModelError';
    this.kind = options.kind;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }

  get retryable(): boolean {
    return retryableKinds.has(this.kind);
  }

  /** True where its service says that the model is not there, or not yet: nothing is known of its answers. */
  get modelAbsent(): boolean {
    return this.status !== undefined && absentStatuses.has(this.status);
  }

  static override is(value: unknown): value is ModelError {
    return RungError.is(value) && 'kind' in value && 'retryable' in value;
  }
}
