import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import type { Model } from '#core/model.ts';
import { defineProvider } from '#core/provider.ts';
import { fakeModel } from './fake-model.ts';
import { readSettings } from './settings.ts';

const id = 'fake';

const fakeSettings = z.strictObject({
  answers: z.record(z.string(), z.string()).optional(),
  otherwise: z.string().optional(),
  latencyMs: z.number().nonnegative().optional(),
});

function isModel(value: unknown): value is Model {
  return (
    isJsonObject(value) &&
    typeof value['generate'] === 'function' &&
    typeof value['fingerprint'] === 'string' &&
    isJsonObject(value['can']) &&
    isJsonObject(value['concurrency'])
  );
}

/** A model with a table of answers, for trying a task's set-up without any service; takes in models that a task passes as values. */
export const fake = defineProvider({
  id,
  summary: 'A table of answers, for tests.',
  async open(options) {
    const { answers, otherwise, latencyMs } = readSettings(fakeSettings, options.settings, id);
    if (answers === undefined && otherwise === undefined) {
      throw inputError({
        code: 'unknown-model',
        message: `The model ${id}/${options.model} has no answers.`,
        hint: `Add it under "providers:" in the task file, as ${options.model || 'NAME'}: { kind: fake, otherwise: "an answer" }.`,
      });
    }
    return fakeModel({ name: `${id}/${options.model}`, answers: answers ?? {}, otherwise, latencyMs, price: options.price });
  },
  adopt(value, { price }) {
    if (!isModel(value)) return undefined;
    // As it is wherever possible: a copy would no longer show the log of a fake model.
    if (price === undefined) return value;
    const generate: Model['generate'] = (request, options) => value.generate(request, options);
    return { ...value, price, priceIsAssumed: true, generate, close: async () => value.close?.() };
  },
});
