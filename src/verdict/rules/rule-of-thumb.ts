import type { Situation } from '#core/situation.ts';

/** What a rule of thumb can advise. `either`: it takes no side. */
export type Advice = 'prompt' | 'prompt first' | 'either' | 'hybrid' | 'fine-tune' | 'retrieval' | 'retrieval and fine-tune';

/** Whether an answer leaves the model's weights alone or changes them. */
export type Lean = 'prompting' | 'tuning';

export interface RuleAnswer {
  /** An `Advice`, or for what labels are enough for, a text. */
  readonly answer: string;
  /** Absent where the answer takes no side. */
  readonly leans?: Lean;
  /** Clauses that name every figure the answer rests on, both sides where they conflict. */
  readonly why: string;
  /** The answers it rests on. */
  readonly because: readonly (keyof Situation)[];
}

/** Answers that are numbers. */
export type Figure = {
  [Name in keyof Situation]-?: NonNullable<Situation[Name]> extends number ? Name : never;
}[keyof Situation];

/** A threshold of a rule, crossed upward when the figure is over (or at) the bound. */
export interface Border {
  readonly figure: Figure;
  readonly operator: '>' | '>=';
  readonly bound: number;
}

/** One source of rules of thumb: a prior, never evidence. */
export interface RuleOfThumb {
  readonly id: string;
  readonly title: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** The answers it can use. */
  readonly asks: readonly (keyof Situation)[];
  /** Its thresholds. */
  readonly borders: readonly Border[];
  /** Undefined where the answers given are too few for it to say anything. */
  answer(situation: Situation): RuleAnswer | undefined;
}

const leans: Readonly<Record<Advice, Lean | undefined>> = {
  prompt: 'prompting',
  'prompt first': 'prompting',
  either: undefined,
  hybrid: 'tuning',
  'fine-tune': 'tuning',
  retrieval: 'prompting',
  'retrieval and fine-tune': 'tuning',
};

/** An answer in the closed vocabulary, with the side it takes. */
export function advise(answer: Advice, why: string, because: readonly (keyof Situation)[]): RuleAnswer {
  return { answer, leans: leans[answer], why, because };
}
