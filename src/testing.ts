// What users' own tests may import as `rung/testing`.
export { type FakeCall, type FakeModel, type FakeModelOptions, fakeModel } from '#providers/fake-model.ts';
export type { ChatAnswer, ChatRequestBody } from './testing/chat-reply.ts';
export { type FaultServer, type FaultServerOptions, type RequestTally, startFaultServer } from './testing/fault-server.ts';
export { type Fault, type FaultPlan, faultsInOrder, randomFaults } from './testing/faults.ts';
export {
  startTuningServer,
  type TuningFault,
  type TuningServer,
  type TuningServerOptions,
} from './testing/tuning-server.ts';
export type { TuningFate, TuningJob, TuningWeights } from './testing/tuning-server-world.ts';
