// The public door: what a task.ts, a script or another program may import.

export type { Approach, ApproachContext, PrepareInput, RestoreContext } from '#core/approach.ts';
export { defineApproach } from '#core/approach.ts';
export type { Answer, AnswerOptions, Candidate, Manifest } from '#core/candidate.ts';
export { exitCodes, RungError } from '#core/errors.ts';
export type { Estimate } from '#core/estimate.ts';
export type { Example } from '#core/example.ts';
export type { Metric, MetricContext, Score } from '#core/metric.ts';
export { defineMetric } from '#core/metric.ts';
export type { Model, ModelReference, ModelRequest, ModelResponse } from '#core/model.ts';
export { ModelError } from '#core/model-error.ts';
export type { Plugins } from '#core/plugins.ts';
export type { Probe, ProbeCase, ProbeResult } from '#core/probe.ts';
export { defineProbe } from '#core/probe.ts';
export type { Provider } from '#core/provider.ts';
export { defineProvider } from '#core/provider.ts';
export type { Task } from '#core/task.ts';
export type { Hyperparameters, Trainer, TrainingHandle, TrainingJob, TrainingOutcome, TrainingState } from '#core/trainer.ts';
export { defineTrainer } from '#core/trainer.ts';
export type { Verdict } from '#core/verdict.ts';
export type { LadderEntryDefinition, PersonaDefinition, TaskDefinition, TaskModule } from '#data/define-task.ts';
export { defineTask } from '#data/define-task.ts';
export { costScenario } from '#economics/cost-scenario.ts';
export { fromAiSdk } from '#providers/ai-sdk-model.ts';
export { defaultPlugins } from './default-plugins.ts';
export { climbTask, dryRunTask, planTask } from './session.ts';
export { versions } from './versions.ts';
