export type { NanoMessage } from './chat-tokenizer.ts';
export { type GenerateRequest, type Nano, openNano } from './nano.ts';
export type { TrainEvent, TrainJob, TrainOptions, TrainPlan } from './train-job.ts';
