import { createTrainingView, type TrainingView } from './terminal/training-view.ts';
import type { TerminalIo } from './terminal-io.ts';

/** Shows training jobs on standard error; to be ended by whoever began it. */
export function trainingViewOf(io: TerminalIo): TrainingView {
  return createTrainingView({ stream: io.stderr, isTty: io.stderr.isTTY === true, environment: io.environment });
}
