import { type CallForecast, defineApproach, type PrepareInput } from '#core/approach.ts';
import { restoreCascade } from './cascade-candidate.ts';
import { modelsOf, type Part, partsOf, readCascade, reasonToSkip } from './cascade-options.ts';
import { learnsPredictor, mostTrainingRows, prepareCascade } from './cascade-prepare.ts';
import { judgeForecast } from './cascade-signals.ts';

/**
 * Asks a cheap part first and keeps its answer where a calibrated confidence is high enough, else asks a strong part
 * (FrugalGPT, Chen, Zaharia and Zou 2023, arXiv:2305.05176). The threshold is the loosest that is shown, on validation
 * rows, to lose no more than a bound against the strong part alone.
 */
export const cascade = defineApproach({
  id: 'cascade',
  summary: 'A cheap part first; a strong one where the cheap answer is not sure enough.',
  otherModels: modelsOf,
  usesKnowledge: (options) => parts(options).some(({ approach, options: own }) => approach.usesKnowledge?.(own) ?? false),
  usesFiles(options) {
    const files = parts(options).map(({ approach, options: own }) => approach.usesFiles?.(own) ?? {});
    return { rows: files.flatMap(({ rows = [] }) => rows), documents: files.flatMap(({ documents = [] }) => documents) };
  },
  usesPrompts: (options) => parts(options).some(({ approach, options: own }) => approach.usesPrompts?.(own) ?? false),
  checkOptions: (options) => void readCascade(options),
  skip: reasonToSkip,
  forecast,
  prepare: prepareCascade,
  restore: restoreCascade,
});

function parts(options: PrepareInput['options']) {
  const { cheap, strong } = readCascade(options);
  return [cheap, strong];
}

/** The strong part and the judge are forecast for every row: how many questions pass is known only once it is prepared. */
function forecast(input: PrepareInput): CallForecast {
  const options = readCascade(input.options);
  const { cheap, strong } = partsOf(input);
  const training = learnsPredictor(options) ? Math.min(mostTrainingRows, input.train.length) : 0;
  const ofCheap = forecastPart(cheap, training + input.validation.length);
  const ofStrong = forecastPart(strong, input.validation.length);
  const judge = options.judge;
  const others = [
    ...ofStrong,
    ...(judge === undefined
      ? []
      : [
          {
            model: judge,
            prepareCalls: input.validation.length,
            callsPerAnswer: 1,
            inputTokens: judgeForecast.inputTokens + (ofCheap[0]?.inputTokens ?? 0) + (ofCheap[0]?.outputTokens ?? 0),
            outputTokens: judgeForecast.outputTokens,
          },
        ]),
  ];
  const [first, ...nested] = ofCheap;
  // what the entry's own model is asked stands first
  if (first?.model === input.model.model) return { ...first, others: [...nested, ...others] };
  return { prepareCalls: 0, callsPerAnswer: 0, inputTokens: 0, outputTokens: 0, others: [...ofCheap, ...others] };
}

function forecastPart({ approach, input }: Part, rows: number): NonNullable<CallForecast['others']> {
  const own = approach.asksModel === false ? undefined : approach.forecast?.(input);
  if (own === undefined) return [];
  const { others = [], ...one } = own;
  return [{ ...one, model: input.model.model, prepareCalls: one.prepareCalls + one.callsPerAnswer * rows }, ...others];
}
