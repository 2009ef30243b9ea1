import { z } from 'zod';
import type { Approach, PrepareInput } from '#core/approach.ts';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { rungOfPart } from './part-rungs.ts';
import { readOptions } from './prompted.ts';

const id = 'cascade';

const confidences = ['auto', 'log-probabilities', 'votes', 'classifier', 'judge', 'predictor'] as const;

const partShape = z.looseObject({ rung: z.string().min(1).optional(), model: z.string().min(1).optional() }).optional();
const partWords = 'a ladder entry without a name, as { rung: few-shot, model: strong }';

const optionsSchema = z.object({
  cheap: partShape.describe(partWords),
  strong: partShape.describe(partWords),
  confidence: z
    .enum(confidences)
    .optional()
    .describe(`one of ${confidences.join(', ')}`),
  judge: z.string().min(1).optional().describe('a role of models: or a model name'),
  loss: z.number().min(0).max(1).optional().describe('a number from 0 to 1: the most of the first metric that may be lost'),
  lossConfidence: z.number().gt(0.5).lt(1).optional().describe('a number above 0.5 and under 1'),
});

type ConfidenceKind = (typeof confidences)[number];

/** One half of a cascade as its ladder entry says it. */
interface PartEntry {
  readonly approach: Approach;
  /** A role or a name; absent for the entry's own model. */
  readonly model: string | undefined;
  readonly options: JsonObject;
}

export interface CascadeOptions {
  readonly cheap: PartEntry;
  readonly strong: PartEntry;
  readonly confidence: ConfidenceKind;
  /** Role or name of the model that judges, where one does. */
  readonly judge: string | undefined;
  readonly loss: number;
  /** Absent for the task's own confidence. */
  readonly lossConfidence: number | undefined;
}

/** What the cheap part is where only the kind of confidence is said. */
const cheapFor: Readonly<Partial<Record<ConfidenceKind, string>>> = { votes: 'self-consistency', classifier: 'distilled' };

/** Reads and checks the options of a cascade. Throws a usage error that names the option. */
export function readCascade(options: JsonObject): CascadeOptions {
  const { cheap, strong, confidence = 'auto', judge, loss = 0.02, lossConfidence } = readOptions(id, optionsSchema, options);
  if (judge !== undefined && confidence !== 'judge') throw idle('judge', 'confidence: judge');
  const parts = {
    cheap: entryOf((cheap ?? {}) as JsonObject, cheapFor[confidence] ?? 'zero-shot'),
    strong: entryOf((strong ?? {}) as JsonObject, 'zero-shot'),
  };
  const wanted = cheapFor[confidence];
  if (wanted !== undefined && parts.cheap.approach.id !== wanted) {
    throw inputError({
      code: 'option-unreadable',
      message: `The option confidence of the rung ${id} is "${confidence}", and its cheap part is ${parts.cheap.approach.id}.`,
      hint: `${confidence === 'votes' ? 'Votes' : 'The confidence of a classifier'} come from the rung ${wanted}: make it the cheap part, or leave the cheap part out.`,
    });
  }
  return { ...parts, confidence, judge: confidence === 'judge' ? (judge ?? 'judge') : undefined, loss, lossConfidence };
}

function entryOf({ rung, model, ...options }: JsonObject, usual: string): PartEntry {
  const approach = rungOfPart(typeof rung === 'string' ? rung : usual);
  approach.checkOptions(options);
  return { approach, model: typeof model === 'string' ? model : undefined, options };
}

function idle(option: string, belongsTo: string): Error {
  return inputError({
    code: 'option-idle',
    message: `The option ${option} of the rung ${id} does nothing here.`,
    hint: `It belongs to ${belongsTo}.`,
  });
}

/** One half of a cascade, ready to be prepared. */
export interface Part {
  readonly approach: Approach;
  readonly input: PrepareInput;
}

export interface CascadeParts {
  readonly cheap: Part;
  readonly strong: Part;
}

/** The two halves: the cheap one on the entry's own model, the strong one on the role strong, unless told. */
export function partsOf(input: PrepareInput): CascadeParts {
  const { cheap, strong } = readCascade(input.options);
  return { cheap: partOf(cheap, cheap.model, input), strong: partOf(strong, strongModel(strong, input), input) };
}

function strongModel({ model, approach }: PartEntry, { roles, options }: Pick<PrepareInput, 'roles' | 'options'>): string | undefined {
  if (model !== undefined) return model;
  // another rung on the same model may be the stronger half
  return roles['strong'] === undefined && options['strong'] !== undefined && approach.id !== 'zero-shot' ? undefined : 'strong';
}

function partOf({ approach, options }: PartEntry, model: string | undefined, input: PrepareInput): Part {
  const named = approach.asksModel === false ? '' : model === undefined ? input.model.model : (input.roles[model] ?? model);
  const reference = model === undefined && approach.asksModel !== false ? input.model : { model: named };
  return { approach, input: { ...input, name: approach.id, model: reference, options } };
}

/** Roles or names of all models that the parts and the judge ask besides the entry's own. */
export function modelsOf(options: JsonObject, roles: PrepareInput['roles']): readonly string[] {
  const { cheap, strong, judge } = readCascade(options);
  const named = [cheap.model, strongModel(strong, { roles, options }), judge].filter((name) => name !== undefined);
  const nested = [cheap, strong].flatMap((part) => part.approach.otherModels?.(part.options, roles) ?? []);
  // a role that the task does not fill is no model: the rung is then skipped, and says so
  return [...new Set([...named, ...nested])].filter((name) => roles[name] !== undefined || !bareRoles.has(name));
}

const bareRoles: ReadonlySet<string> = new Set(['strong', 'judge']);

/** Why a cascade cannot run on this task; undefined where it can. */
export function reasonToSkip(input: PrepareInput): string | undefined {
  const { cheap: cheapEntry, strong: strongEntry, judge } = readCascade(input.options);
  const absent = [cheapEntry.model, strongModel(strongEntry, input), judge].find(
    (name) => name !== undefined && bareRoles.has(name) && input.roles[name] === undefined,
  );
  if (absent !== undefined) return `It needs a model in the role ${absent}: name one under models: in the task file.`;
  const { cheap, strong } = partsOf(input);
  const alike =
    cheap.approach.id === strong.approach.id &&
    cheap.input.model.model === strong.input.model.model &&
    JSON.stringify(cheap.input.options) === JSON.stringify(strong.input.options);
  if (alike) return 'Its cheap and its strong part are the same.';
  for (const [name, part] of Object.entries({ cheap, strong })) {
    const why = part.approach.skip?.(part.input);
    if (why !== undefined) return `Its ${name} part, ${part.approach.id}, cannot run: ${why}`;
  }
  return undefined;
}
