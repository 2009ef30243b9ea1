import type { JsonObject } from '#core/json.ts';
import type { Overlay, PromptLibrary, PromptVersion, Section } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { type OverlayConflict, overlayConflicts } from '#data/overlay-conflicts.ts';
import { overlaysOf, versionOf } from '#data/prompt-library.ts';
import { plainPrompt, structuredPrompt } from './prompt.ts';
import { fillSections, slotValues } from './prompt-fill.ts';
import { closeSections } from './prompt-turns.ts';

/** A rung as far as its prompt goes. */
export interface OverlaidRung {
  readonly approach: string;
  readonly options: JsonObject;
}

export interface PromptedTask {
  readonly task: TaskBrief;
  /** The task's file, for messages. */
  readonly file: string;
  /** The file of its persona, where it is another. */
  readonly personaFile?: string;
  readonly prompts: PromptLibrary;
}

interface Base {
  readonly file: string;
  readonly sections: readonly Section[];
}

/** What overlays are laid over, by the rung that has them; the persona is told apart, and so left out. */
const bases: ReadonlyMap<string, (about: PromptedTask, options: JsonObject) => Base> = new Map([
  ['zero-shot', plainBase],
  ['hybrid', plainBase],
  ['structured', ({ task, file }: PromptedTask) => ({ file, sections: structuredPrompt(task).sections })],
  ['prompt', versionBase],
]);

/** Conflicts of the overlays of a rung with its prompt and with each other. Throws a usage error for a name that is not there. */
export function rungConflicts({ approach, options }: OverlaidRung, about: PromptedTask): readonly OverlayConflict[] {
  const base = bases.get(approach);
  if (base === undefined) return [];
  if (approach === 'prompt' && about.prompts.versions.length > 0) chosenVersion(options, about.prompts);
  const overlays = namedOverlays(approach, options, about.prompts);
  return overlays.length === 0 ? [] : conflictsWith(base(withoutPersona(about), options), overlays, about);
}

/** Conflicts of overlays with the plain prompt, for overlays that no rung of the ladder has. */
export function plainConflicts(overlays: readonly Overlay[], about: PromptedTask): readonly OverlayConflict[] {
  return conflictsWith(plainBase(withoutPersona(about)), overlays, about);
}

function conflictsWith(base: Base, overlays: readonly Overlay[], { task, personaFile }: PromptedTask): readonly OverlayConflict[] {
  return overlayConflicts({ ...base, persona: task.persona, personaFile }, overlays);
}

function namedOverlays(approach: string, options: JsonObject, prompts: PromptLibrary): readonly Overlay[] {
  const names = options['overlays'];
  if (Array.isArray(names)) return overlaysOf(prompts, names.map(String));
  const isOverlaid = approach === 'hybrid' && (options['form'] ?? 'overlays') === 'overlays';
  return isOverlaid ? prompts.overlays : [];
}

function plainBase({ task, file }: PromptedTask): Base {
  return { file, sections: plainPrompt(task).sections };
}

function versionBase({ task, prompts }: PromptedTask, { version }: JsonObject): Base {
  const { prompt, shots, file } = chosenVersion({ version }, prompts);
  const sections = fillSections(prompt.sections, slotValues(task, shots), file);
  return { file, sections: closeSections(prompt.headed, sections).prompt.sections };
}

function chosenVersion({ version }: JsonObject, prompts: PromptLibrary): PromptVersion {
  return versionOf(prompts, typeof version === 'string' ? version : undefined);
}

function withoutPersona(about: PromptedTask): PromptedTask {
  const { persona: _persona, ...task } = about.task;
  return { ...about, task };
}
