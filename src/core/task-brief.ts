import type { Output } from './output.ts';

/** How a persona is, with what that means in practice where it says so. */
interface PersonaTrait {
  readonly name: string;
  readonly means: string;
}

/** What a persona will not do or talk about. */
export interface PersonaBoundary {
  /** A few words that name it: "legal advice". */
  readonly topic: string;
  /** What it says instead, in its voice. */
  readonly answer?: string;
}

interface PersonaExample {
  readonly user: string;
  readonly assistant: string;
  /** The same answer without the voice. */
  readonly neutral?: string;
}

/** How much of a persona a prompt tells: its traits alone, its rules too, or all that its file says. */
export type PersonaLength = 'minimal' | 'standard' | 'detailed';

/** A persona as `persona.yaml` writes it. */
export interface Persona {
  readonly name: string;
  readonly role: string;
  readonly traits: readonly (string | PersonaTrait)[];
  readonly responsePattern: readonly string[];
  readonly vocabulary: { readonly use: readonly string[]; readonly avoid: readonly string[] };
  readonly rules: readonly string[];
  readonly examples: readonly PersonaExample[];
  readonly boundaries?: readonly PersonaBoundary[];
  /** How much of it prompts tell; standard where absent. Set by a rung's option, not by the file. */
  readonly promptLength?: PersonaLength;
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
