import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import type { CallableModel } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { ModelRequest } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import { contextWith, inputFor, notingModel } from './approach-contract.fixture.ts';
import { cascade } from './cascade.ts';

/** Sums: the cheap model slips on every third, and shows it in its calculation. */
const sum = (row: number) => ({ a: 10 + (row % 37), b: 5 + (row % 23), slips: row % 3 === 0 });

export const sums: readonly Example[] = Array.from({ length: 420 }, (_, row): Example => {
  const { a, b } = sum(row);
  return { id: `s${row}`, input: `Sum ${row}: Ann has ${a} apples and buys ${b}.`, expected: String(a + b), tags: [], source: 'human' };
});

const rowOf = ({ messages }: ModelRequest) => Number(/Sum (\d+)/u.exec(messages.map(({ content }) => content).join(' '))?.[1]);

interface Scripted {
  readonly price: number;
  readonly text: (row: number) => string;
  readonly logProbability?: (row: number) => number;
}

export interface ScriptedModel extends CallableModel {
  readonly asked: number[];
}

export function scripted(name: string, { price, text, logProbability }: Scripted): ScriptedModel {
  const asked: number[] = [];
  return {
    name,
    can: { logProbabilities: logProbability !== undefined },
    asked,
    async generate(request) {
      const row = rowOf(request);
      asked.push(row);
      const usage = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 5 };
      const call = { model: name, usage, cost: price, latencyMs: price, cached: false };
      const tokens = logProbability && request.logProbabilities ? [{ token: 'x', logProbability: logProbability(row) }] : undefined;
      return { response: { text: text(row), finishReason: 'stop', usage, ...(tokens && { logProbabilities: tokens }) }, call };
    },
  };
}

const shown = (row: number, off: number) => `${sum(row).a} + ${sum(row).b} = ${sum(row).a + sum(row).b + off}`;
export const isSlip = (row: number) => sum(row).slips;
export const cheapModel = (more: Partial<Scripted> = {}) =>
  scripted('cheap', {
    price: 1,
    text: (row) => `${sum(row).a} + ${sum(row).b} = ${sum(row).a + sum(row).b}${isSlip(row) ? '9' : ''}`,
    ...more,
  });
export const strongModel = () => scripted('strong', { price: 100, text: (row) => shown(row, 0) });
/** Says how likely an answer is right, from whether it slips. */
export const judgeModel = () => scripted('judge', { price: 7, text: (row) => (isSlip(row) ? '5' : 'I say 95 of 100.') });
/** Cannot answer at all. */
export const brokenModel = (kind: ModelError['kind']): CallableModel => ({
  name: 'cheap',
  can: {},
  generate: () => Promise.reject(new ModelError({ kind, message: 'No answer today.' })),
});

export function sumsInput(options: PrepareInput['options'] = {}, rows = { train: 120, validation: 300 }): PrepareInput {
  return {
    ...inputFor(options),
    task: { name: 'sums', instructions: 'Add.', prompt: {}, output: { kind: 'text' } },
    train: sums.slice(0, rows.train),
    validation: sums.slice(120, 120 + rows.validation),
    roles: { base: 'cheap', strong: 'strong', judge: 'judge' },
    model: { model: 'cheap' },
    name: 'cascade',
  };
}

/** A context that asks the models it is given, and scores by the sum at the end. */
export function sumsContext(
  folder: string,
  models: readonly CallableModel[],
  isRight = (text: string, { expected }: Example) => text.endsWith(` ${expected}`),
): ApproachContext {
  const context: ApproachContext = {
    ...contextWith(folder, notingModel()),
    async model({ model }) {
      const found = models.find(({ name }) => name === model);
      if (found === undefined) throw new TypeError(`There is no model ${model}.`);
      return found;
    },
    async measure(manifest, rows) {
      const candidate = await cascade.restore(manifest, context);
      return Promise.all(
        rows.map(async (example) => {
          const answer = await candidate.answer(example.input, { signal: context.signal });
          return { example, answer, score: isRight(answer.text, example) ? 1 : 0, latencyMs: 1 };
        }),
      );
    },
  };
  return context;
}
