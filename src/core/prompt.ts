import type { Estimate } from './estimate.ts';
import type { Input } from './example.ts';

/** One part of a system prompt; `heading` is left out where the prompt is plain. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

/** A prompt as data: what a candidate's manifest keeps. Sections stand in the order in which the model reads them. */
export interface Prompt {
  readonly headed: boolean;
  readonly sections: readonly Section[];
}

/** A question and its answer, shown to the model before the question that is asked. */
export interface Shot {
  readonly input: Input;
  readonly answer: string;
}

/** A score of a prompt version, and the rows it was measured on. */
export interface PromptScore extends Estimate {
  readonly metric: string;
  readonly split: 'validation' | 'test';
  readonly candidate: string;
  readonly model: string;
}

/** One file of the task's `prompts` folder. Slots as `{{labels}}` are still open. */
export interface PromptVersion {
  /** Its file's name without the ending. */
  readonly name: string;
  readonly file: string;
  /** The version it was made from. */
  readonly parent?: string;
  readonly author: 'person' | 'optimiser';
  /** What the change was hoped to do. */
  readonly hypothesis?: string;
  readonly prompt: Prompt;
  readonly shots: readonly Shot[];
  readonly maxOutputTokens?: number;
  readonly scores: readonly PromptScore[];
}

/** One file of the task's `overlays` folder: what a department, a season or a customer adds to a prompt. */
export interface Overlay {
  readonly name: string;
  readonly file: string;
  /** A section whose heading the base has too stands behind the base's own text, unless it replaces it. */
  readonly sections: readonly (Section & { readonly replace: boolean })[];
  /** Rules of the persona grammar that an answer under this overlay keeps. */
  readonly checks: readonly string[];
}

/** What a task folder holds of prompts. */
export interface PromptLibrary {
  readonly versions: readonly PromptVersion[];
  readonly overlays: readonly Overlay[];
}
