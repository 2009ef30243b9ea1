/** Where in a user's files something is wrong. Lines count from 1. */
export interface Place {
  file: string;
  line?: number;
}

/** What a failed command tells the shell; CONTRACT-level, so never renumbered. */
export const exitCodes = {
  done: 0,
  error: 1,
  usage: 2,
  goalsNotMet: 3,
  undecided: 4,
  triggerFired: 5,
  budgetEnded: 6,
  criteriaChanged: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface RungErrorOptions {
  /** Stable kebab-case name that scripts may match on. */
  code: string;
  /** One sentence: what is wrong. */
  message: string;
  /** One sentence: what to do next. */
  hint?: string;
  place?: Place;
  cause?: unknown;
  exitCode?: ExitCode;
}

const marker = Symbol.for('rung.error');

/** The one error type: a code for scripts, a sentence and a hint for people, a place where there is one. */
export class RungError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly place: Place | undefined;
  readonly exitCode: ExitCode;
  readonly [marker] = true;

  constructor(options: RungErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RungError';
    this.code = options.code;
    this.hint = options.hint;
    this.place = options.place;
    this.exitCode = options.exitCode ?? exitCodes.error;
  }

  /** True for any RungError, also one from another copy of this package. */
  static is(value: unknown): value is RungError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** A user's input does not fit: exit code 2. */
export function inputError(options: Omit<RungErrorOptions, 'exitCode'>): RungError {
  return new RungError({ ...options, exitCode: exitCodes.usage });
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
