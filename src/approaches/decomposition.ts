import { z } from 'zod';
import { defineApproach, type PrepareInput } from '#core/approach.ts';
import { messageOf } from '#core/errors.ts';
import { compileSchema } from '#data/json-schema.ts';
import { type ChainState, chainAnswerer, chainState } from './decomposition-chain.ts';
import { type FieldsState, fieldParts, fieldsAnswerer, fieldTokens } from './decomposition-fields.ts';
import { forecastRepairs } from './json-repair.ts';
import { candidateOf, forecastPrompted, manifestOf, readOptions, repairOption } from './prompted.ts';

const optionsSchema = z.object({
  steps: z
    .array(z.string().trim().min(1))
    .min(2)
    .max(12)
    .optional()
    .describe('a list of 2 to 12 instructions, the last of which gives the answer'),
  stepTokens: z.int().min(16).max(32_768).optional().describe('a whole number from 16 to 32768'),
  repair: repairOption,
});

const defaultStepTokens = 256;
const defaultSteps = ['List what in the input bears on the answer.', 'Decide, and give the answer.'];

/** The work in small steps: those given, or one for each field of a form (after Khot et al. 2022, arXiv 2210.02406). */
export const decomposition = defineApproach({
  id: 'decomposition',
  summary: 'A chain of small steps, or one call for each field of a form.',
  checkOptions: (options) => void readOptions('decomposition', optionsSchema, options),
  skip(input) {
    const state = stateOf(input);
    if (state.kind === 'chain') return undefined;
    for (const { field, schema } of state.parts) {
      try {
        compileSchema(schema);
      } catch (error) {
        return `The field ${JSON.stringify(field)} cannot be asked for apart: ${messageOf(error)} Give its steps in the option steps.`;
      }
    }
    return undefined;
  },
  forecast(input) {
    const state = stateOf(input);
    return { prepareCalls: 0, ...(state.kind === 'chain' ? forecastChain(state, input) : forecastFields(state, input)) };
  },
  async prepare(input) {
    return manifestOf({ approach: 'decomposition', name: input.name, model: input.model }, stateOf(input));
  },
  restore: (manifest, context) =>
    candidateOf(manifest, context, (state: ChainState | FieldsState, model) =>
      state.kind === 'chain' ? chainAnswerer(state, model) : fieldsAnswerer(state, model),
    ),
});

function stateOf({ task, options }: PrepareInput): ChainState | FieldsState {
  const { steps, stepTokens = defaultStepTokens, repair = 0 } = readOptions('decomposition', optionsSchema, options);
  const parts = steps === undefined ? fieldParts(task) : [];
  if (parts.length > 0) return { kind: 'fields', parts, maxOutputTokens: fieldTokens(task), repair };
  return chainState(task, { steps: steps ?? defaultSteps, stepTokens, repair });
}

// every call sees the results of those before it, each as long as there is room for
function forecastChain({ prompt, names, turns, stepTokens, repair }: ChainState, input: PrepareInput) {
  const { inputTokens, outputTokens } = forecastPrompted(prompt, [], input);
  const turnTokens = turns.reduce((sum, turn) => sum + Buffer.byteLength(turn), 0) / 4 / Math.max(1, turns.length);
  const stepsBefore = (names.length - 1) / 2;
  return {
    callsPerAnswer: names.length + repair,
    inputTokens: Math.ceil(inputTokens + stepsBefore * (stepTokens + turnTokens)),
    outputTokens: Math.ceil(((names.length - 1) * stepTokens + outputTokens) / names.length),
  };
}

function forecastFields({ parts, repair }: FieldsState, input: PrepareInput) {
  const forecasts = parts.map(({ prompt }) => forecastPrompted(prompt, [], input));
  const inputTokens = forecasts.reduce((sum, forecast) => sum + forecast.inputTokens, 0) / parts.length;
  const outputTokens = (forecasts[0]?.outputTokens ?? 0) / parts.length;
  const one = { callsPerAnswer: parts.length, inputTokens: Math.ceil(inputTokens), outputTokens: Math.ceil(outputTokens) };
  return forecastRepairs(one, repair);
}
