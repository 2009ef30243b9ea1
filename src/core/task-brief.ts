import type { Output } from './output.ts';

/** A persona as `persona.yaml` writes it. */
export interface Persona {
  readonly name: string;
  readonly role: string;
  readonly traits: readonly string[];
  readonly responsePattern: readonly string[];
  readonly vocabulary: { readonly use: readonly string[]; readonly avoid: readonly string[] };
  readonly rules: readonly string[];
  readonly examples: readonly { readonly user: string; readonly assistant: string }[];
}

/** The sections of a structured prompt that a task may spell out; each optional. */
interface PromptParts {
  readonly role?: string;
  readonly context?: string;
  readonly constraints?: readonly string[];
}

/** What is asked of the model: the part of a task that approaches, metrics and probes see. */
export interface TaskBrief {
  readonly name: string;
  readonly instructions: string;
  readonly prompt: PromptParts;
  readonly output: Output;
  readonly persona?: Persona;
}
