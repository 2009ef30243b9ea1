import { z } from 'zod';
import type { Approach, ApproachContext, PrepareInput } from '#core/approach.ts';
import { rungImpossible } from '#core/approach.ts';
import { candidateId, type Manifest } from '#core/candidate.ts';
import { type DataRow, turnText } from '#core/data-row.ts';
import type { Example } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import { fineTuned, withNotes } from './fine-tuned.ts';
import { type Asked, type Distilled, distilAnswers } from './hybrid-filter.ts';
import type { HybridForm } from './hybrid-form.ts';
import { rungOfPart } from './part-rungs.ts';
import { refuseIdleOption } from './prompted.ts';
import { checkAgainst } from './retrieval-settings.ts';
import { mixFile, readFileOf, splitOptions } from './tuned-options.ts';
import { fewestRows, tooLittleToLearn } from './tuned-rows.ts';

const optionsSchema = z.strictObject({
  /** Role or name of the model that writes; the role teacher where there is one, else strong. */
  teacher: z.string().trim().min(1).optional(),
  /** The rung by which it is asked, with that rung's options. */
  as: z
    .union(
      [
        z.looseObject({ rung: z.string().min(1).default('few-shot') }),
        z
          .string()
          .min(1)
          .transform((rung) => ({ rung })),
      ],
      {
        error: 'expected a rung, or one with its options as { rung: few-shot, shots: 8 }',
      },
    )
    .default({ rung: 'few-shot' }),
  /** A file of inputs to write answers to, besides the training rows. */
  inputs: z.string().trim().min(1).optional(),
  /** An answer whose score on the first metric is worse is left out; only faultless ones are kept where it is absent. */
  accept: z.number().optional(),
  /** Answers drawn again to an input that no expected answer judges; most of them must say the same. */
  votes: z.int().min(0).max(16).default(2),
});

/** A large prompted model writes the answers, the metric sorts out the bad ones, and the small model learns the rest. */
export const distillationForm: HybridForm = {
  usesKnowledge: (options) => usesOf(options, 'usesKnowledge'),
  usesPrompts: (options) => usesOf(options, 'usesPrompts'),
  usesFiles(options) {
    const { inputs } = optionsSchema.parse(parted(options).own);
    const files = [inputs, mixFile(options)].filter((file) => file !== undefined);
    return files.length === 0 ? {} : { rows: files };
  },
  otherModels(options, roles) {
    const { own, tuning } = parted(options);
    const name = teacherOf(own, roles);
    const { rung, options: asked } = teacherRung(own);
    return [
      ...(name === undefined ? [] : [name]),
      ...(rung.otherModels?.(asked, roles) ?? []),
      ...(fineTuned.otherModels?.(tuning, roles) ?? []),
    ];
  },
  checkOptions(options) {
    const { own, tuning } = parted(options);
    for (const name of ['overlays', 'conversations'])
      refuseIdleOption('hybrid', name, options, 'another form: a teacher writes the rows here');
    checkAgainst(optionsSchema, 'hybrid', own);
    const { rung, options: asked } = teacherRung(own);
    rung.checkOptions(asked);
    fineTuned.checkOptions(tuning);
  },
  skip(input) {
    const { own, tuning } = parted(input.options);
    const { inputs } = optionsSchema.parse(own);
    if (teacherOf(own, input.roles) === undefined) {
      return 'It needs a model that writes the answers: name one in the role teacher or strong under models: in the task file.';
    }
    if (inputs === undefined && input.train.length < fewestRows) {
      return `It needs at least ${fewestRows} training rows to have answers written to; there are ${input.train.length}.`;
    }
    const why = teacherRung(own).rung.skip?.(teacherInput(input));
    if (why !== undefined) return `Its teacher, asked by the rung ${teacherRung(own).rung.id}, cannot run: ${why}`;
    return inputs === undefined ? fineTuned.skip?.({ ...input, options: tuning }) : undefined;
  },
  forecast(input) {
    const { own, tuning } = parted(input.options);
    const { inputs, votes } = optionsSchema.parse(own);
    const { rung } = teacherRung(own);
    const ofFile = inputs === undefined ? 0 : (input.files?.rows[inputs]?.length ?? 0);
    const unjudged = ofFile + input.train.filter(({ expected }) => expected === undefined).length;
    const asked = rung.forecast?.(teacherInput(input));
    const { others = [], ...answer } = fineTuned.forecast!({ ...input, options: tuning });
    if (asked === undefined) return { ...answer, others };
    const { others: ofTeacher = [], ...ofRow } = asked;
    const rows = input.train.length + ofFile + votes * unjudged;
    const teacher = {
      ...ofRow,
      model: teacherOf(own, input.roles) ?? '',
      prepareCalls: (inputs === undefined ? 2 : 3) * ofRow.prepareCalls + ofRow.callsPerAnswer * rows,
      callsPerAnswer: 0,
    };
    return { ...answer, others: [...others, ...ofTeacher, teacher] };
  },
  async prepare(input, context) {
    const { own, tuning } = parted(input.options);
    const { train, notes } = await taught(input, context);
    const tuned = await fineTuned.prepare({ ...input, train, options: tuning }, context);
    return withNotes({ ...tuned, approach: 'hybrid' }, [`${teacherName(own, input)} wrote the answers: ${notes}`]);
  },
};

/** The teacher's answers as training rows. */
async function taught(input: PrepareInput, context: ApproachContext): Promise<Distilled> {
  const { own } = parted(input.options);
  const { inputs, accept, votes } = optionsSchema.parse(own);
  const { rung } = teacherRung(own);
  const prepared = (train: readonly Example[]) => rung.prepare({ ...teacherInput(input), train }, context);
  const unlabelled = inputs === undefined ? [] : inputsOf(readFileOf(input.files?.rows, inputs), inputs);
  const asked = [
    ...(await crossed(input.train, prepared)),
    ...(unlabelled.length === 0 ? [] : [{ teacher: await prepared(input.train), examples: unlabelled }]),
  ];
  const distilled = await distilAnswers(asked, { accept, votes, output: input.task.output }, context);
  const why = tooLittleToLearn(distilled.train);
  if (why === undefined) return distilled;
  throw rungImpossible(`What ${teacherName(own, input)} wrote is not enough to learn from: ${distilled.notes} ${why}`);
}

/**
 * Training rows and who answers them. Each half is answered by a teacher that was prepared on the other: one that is shown
 * a row with its expected answer would only copy it. A teacher that learns nothing from rows answers all of them.
 */
async function crossed(train: readonly Example[], prepared: (train: readonly Example[]) => Promise<Manifest>): Promise<readonly Asked[]> {
  const [even, odd] = [0, 1].map((side) => train.filter((_, at) => at % 2 === side)) as [Example[], Example[]];
  const [ofEven, ofOdd] = [await prepared(even), await prepared(odd)];
  if (candidateId(ofEven) === candidateId(ofOdd)) return [{ teacher: ofEven, examples: train }];
  return [
    { teacher: ofOdd, examples: even },
    { teacher: ofEven, examples: odd },
  ];
}

/** Rows of a file as inputs; an answer that they may have is left out. */
function inputsOf(rows: readonly DataRow[], file: string): readonly Example[] {
  return rows.flatMap(({ turns, id, line, split }): Example[] => {
    const asked = turns.at(-1)?.role === 'assistant' ? turns.slice(0, -1) : turns;
    const messages = asked.flatMap((turn): Message[] =>
      turn.role === 'tool' ? [] : [{ role: turn.role === 'developer' ? 'system' : turn.role, content: turnText(turn) }],
    );
    if (split === 'test' || messages.length !== asked.length || messages.at(-1)?.role !== 'user') return [];
    const [only] = messages;
    const input = messages.length === 1 && only !== undefined ? only.content : { messages };
    return [{ id: `${file}:${id ?? line}`, input, tags: [], source: 'synthetic' }];
  });
}

function teacherInput(input: PrepareInput): PrepareInput {
  const { own } = parted(input.options);
  const { rung, options } = teacherRung(own);
  return { ...input, name: rung.id, model: { model: teacherName(own, input) }, options };
}

function teacherName(own: JsonObject, { roles }: Pick<PrepareInput, 'roles'>): string {
  const named = teacherOf(own, roles) ?? '';
  return roles[named] ?? named;
}

function teacherOf(own: JsonObject, roles: PrepareInput['roles']): string | undefined {
  if (typeof own['teacher'] === 'string') return own['teacher'];
  return ['teacher', 'strong'].find((role) => roles[role] !== undefined);
}

function teacherRung(own: JsonObject): { readonly rung: Approach; readonly options: JsonObject } {
  const { rung, ...options } = optionsSchema.parse(own).as;
  return { rung: rungOfPart(rung, 'The teacher of a distillation cannot be asked by'), options: options as JsonObject };
}

function usesOf(options: JsonObject, what: 'usesKnowledge' | 'usesPrompts'): boolean {
  const { own, tuning } = parted(options);
  const { rung, options: asked } = teacherRung(own);
  return (rung[what]?.(asked) ?? false) || (fineTuned[what]?.(tuning) ?? false);
}

function parted(options: JsonObject) {
  return splitOptions(options, (name) => name in optionsSchema.shape);
}
