export type { NanoMessage } from './chat-tokenizer.ts';
export { type GenerateRequest, type Nano, openNano } from './nano.ts';
export { planOf, type TrainEvent, type TrainJob, type TrainOptions } from './train-job.ts';
