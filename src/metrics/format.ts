import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { inputError, messageOf } from '#core/errors.ts';
import { canonicalJson, type JsonObject } from '#core/json.ts';
import { defineMetric, type Metric } from '#core/metric.ts';

/** Right form, whatever the content: the answer is nothing but a label of the list, or JSON that fits the schema. */
export const format: Metric = createFormat();

function createFormat(): Metric {
  const validators = new WeakMap<JsonObject, ValidateFunction>();
  const validatorOf = (schema: JsonObject) => {
    const known = validators.get(schema);
    if (known !== undefined) return known;
    const compiled = compile(schema);
    validators.set(schema, compiled);
    return compiled;
  };
  return defineMetric({
    id: 'format',
    summary: 'Share of answers that keep the asked form: one of the labels or JSON that fits the schema, and nothing around it.',
    better: 'higher',
    scale: 'proportion',
    onError: 0,
    score(_example, answer, { task }) {
      if (answer.value === undefined) return { value: 0, reason: 'no value could be read from the answer' };
      if (!answer.strict) return { value: 0, reason: 'the value stands among other text' };
      if (task.output.kind === 'labels' && !task.output.labels.some((label) => label === answer.value)) {
        return { value: 0, reason: 'not one of the labels' };
      }
      if (task.output.kind === 'json') {
        const validate = validatorOf(task.output.schema);
        if (!validate(answer.value)) {
          const [error] = validate.errors ?? [];
          return { value: 0, reason: `does not fit the schema: ${error?.instancePath || '/'} ${error?.message ?? ''}`.trim() };
        }
      }
      return { value: 1 };
    },
  });
}

function compile(schema: JsonObject): ValidateFunction {
  const { $schema: dialect, ...rest } = schema;
  // formats such as "email" are notes to the reader, as JSON Schema itself has them by default
  const options = { strict: false, validateFormats: false, logger: false } as const;
  const ajv = /2019-09|2020-12/.test(canonicalJson(dialect ?? '')) ? new Ajv2020(options) : new Ajv(options);
  try {
    return ajv.compile(rest);
  } catch (cause) {
    throw inputError({
      code: 'schema-invalid',
      message: `The output's JSON schema cannot be used: ${messageOf(cause)}.`,
      hint: 'Correct the schema that output: names.',
      cause,
    });
  }
}
