import type { DataFormat } from '#core/data-format.ts';
import { RowFault } from '#core/data-format.ts';
import { inputError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import { canonicalJson } from '#core/json.ts';
import { dataFormat, dataFormats } from '#data/formats/index.ts';
import { spokenText } from '#data/grow/synthesise-text.ts';
import { hardVariation, type InputVariation, inputVariations } from '#data/grow/synthesise-variations.ts';
import { quoted, suggestName } from '#data/nearest.ts';
import type { Models } from '#engine/models.ts';
import type { Plan } from '#engine/plan.ts';

export interface SynthesisSettings {
  /** Rows wanted; as many as there are parents, up to 200, where absent. */
  readonly rows?: number;
  /** Kinds of variation; all that can be made where absent. */
  readonly vary?: readonly string[];
  readonly hard?: boolean;
  readonly preferences?: boolean;
  /** Vary validation rows too; what comes of them stays on their side. */
  readonly validation?: boolean;
  /** Who varies inputs: a role, a model name, or `none` for rules alone; `paraphrase`, else `strong`, where absent. */
  readonly varier?: string;
  /** Rung or candidate that answers; the best measured one where absent. */
  readonly from?: string;
  /** What every score of an answer must reach, from 0 to 1; 0.8 where absent. */
  readonly minimum?: number;
  /** Answers that a preference is chosen from, at least 2. */
  readonly samples: number;
  /** Languages that a model translates into. */
  readonly languages: readonly string[];
  /** Id of the format of the file; Rung's own, or one that holds preferences, where absent. */
  readonly to?: string;
}

const defaultRows = 200;
/** Attempts made at most for each row that is wanted. */
export const triesPerRow = 3;

export function wantedRows({ rows }: SynthesisSettings, parents: number): number {
  return rows ?? Math.min(defaultRows, parents);
}

/**
 * The rows to vary: of the training split, and of the validation split where told. Synthetic rows are varied only where there are no others,
 * so that errors do not feed on themselves. Throws a usage error where none is left.
 */
export function parentsOf(
  { splits, task }: Plan,
  { validation }: SynthesisSettings,
): { readonly parents: readonly Example[]; readonly warnings: readonly string[] } {
  const rows = [...splits.train, ...(validation ? splits.validation : [])].filter(({ input }) => spokenText(input) !== undefined);
  const real = rows.filter(({ source }) => source !== 'synthetic');
  const parents = real.length > 0 ? real : rows;
  if (parents.length === 0) {
    throw inputError({
      code: 'nothing-to-vary',
      message: 'The training split has no row with a text to vary.',
      hint: 'Add examples, or mark some with "split": "train".',
      place: { file: task.examplesFile },
    });
  }
  if (real.length === 0)
    return {
      parents,
      warnings: ['Every training row is synthetic already: what is varied from them repeats what they get wrong. Add real rows.'],
    };
  const left = rows.length - real.length;
  return { parents, warnings: left === 0 ? [] : [`${left} synthetic training row${left === 1 ? ' was' : 's were'} not varied again.`] };
}

/** The kinds to make and those that nothing here can make. Throws a usage error for an unknown kind, or where none is left. */
export function variationsOf(
  { vary, hard }: SynthesisSettings,
  byModel: boolean,
): { readonly variations: readonly InputVariation[]; readonly warnings: readonly string[] } {
  const known = inputVariations.map(({ kind }) => kind);
  const unknown = vary?.find((kind) => !known.includes(kind));
  if (unknown !== undefined) {
    throw inputError({
      code: 'unknown-variation',
      message: `There is no variation named ${quoted(unknown)}.`,
      hint: suggestName(unknown, known),
    });
  }
  const asked = inputVariations.filter(({ kind }) => vary?.includes(kind) ?? true);
  const made = asked.filter(({ rule }) => byModel || rule !== undefined);
  const left = asked.filter((one) => !made.includes(one)).map(({ kind }) => kind);
  const variations = [...made, ...(hard ? [hardVariation] : [])];
  if (variations.length === 0) {
    throw inputError({
      code: 'no-variation',
      message: `No rule makes ${left.join(', ')}: that takes a model.`,
      hint: 'Name one under models: as paraphrase or strong, or with --varier.',
    });
  }
  return {
    variations,
    warnings: left.length === 0 || vary === undefined ? [] : [`Left out, since that takes a model: ${left.join(', ')}.`],
  };
}

/** Name of the model that varies inputs; undefined for rules alone. */
export function varierOf({ varier }: SynthesisSettings, models: Models): string | undefined {
  if (varier === 'none') return undefined;
  const { roles } = models;
  if (varier === undefined) return roles['paraphrase'] ?? roles['strong'];
  const named = roles[varier] ?? (varier.includes('/') || varier === 'nano' ? varier : undefined);
  if (named !== undefined) return named;
  throw inputError({
    code: 'unknown-role',
    message: `There is no model role named ${quoted(varier)}.`,
    hint: `Roles are ${Object.keys(roles).join(', ')}; a model name is provider/model; none is rules alone.`,
  });
}

/** The format to write. Throws a usage error for one that is not known, or that cannot hold preferences where they are wanted. */
export function formatOf({ to, preferences }: SynthesisSettings): DataFormat {
  const format = to === undefined ? dataFormat('rung') : dataFormat(to);
  if (!preferences || holdsPreferences(format)) return format;
  const able = dataFormats.filter(holdsPreferences);
  const usual = able.find(({ id }) => id === 'openai-preference') ?? able[0];
  if (to === undefined && usual !== undefined) return usual;
  throw inputError({
    code: 'no-preferences',
    message: `The format ${format.id} has no place for preferences.`,
    hint: able.length === 0 ? 'Leave --preferences out.' : `Use --to with one of ${able.map(({ id }) => id).join(', ')}.`,
  });
}

function holdsPreferences(format: DataFormat): boolean {
  const [better, worse] = ['better', 'worse'];
  try {
    const { record, lost } = format.write({
      line: 1,
      turns: [{ role: 'user', content: 'asked' }],
      preference: { chosen: [{ role: 'assistant', content: better }], rejected: [{ role: 'assistant', content: worse }] },
    });
    const text = canonicalJson(record);
    return !lost.includes('preference') && text.includes(better) && text.includes(worse);
  } catch (error) {
    if (error instanceof RowFault) return false;
    throw error;
  }
}
