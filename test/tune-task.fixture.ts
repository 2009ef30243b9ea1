import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const guards = ['quality', 'memorisation', 'forgetting', 'format', 'safety', 'over-refusal', 'persona', 'parity'];

const splitOf = (index: number) => (index < 24 ? 'train' : index < 32 ? 'validation' : 'test');
export const row = (index: number) => ({ input: `number ${index}`, expected: index % 2 ? 'no' : 'yes', split: splitOf(index) });
export const usualRows = Array.from({ length: 40 }, (_, index) => row(index));

export interface Written {
  readonly rows?: readonly object[];
  /** Guards that run; none where absent. */
  readonly kept?: readonly string[];
  readonly epochs?: number;
  /** More lines of the task file. */
  readonly more?: string;
}

/** A task whose model, a copy of that folder, answers at random and trains in a moment. */
export async function smallTask(model: string, { rows = usualRows, kept = [], epochs = 1, more = '' }: Written = {}): Promise<string> {
  const off = guards.filter((id) => !kept.includes(id)).map((id) => `${id}: false`);
  const folder = await taskFolder({
    'task.yaml': `name: even
instructions: Is it even?
output: { labels: [yes, no] }
examples: examples.jsonl
providers: { tiny: { kind: nano, folder: model } }
models: { base: tiny }
metrics: [accuracy]
ladder: [{ rung: fine-tuned, epochs: ${epochs}, batchSize: 8, rank: 2 }]
guards: { ${off.join(', ')} }
${more}`,
    'examples.jsonl': jsonLines(rows),
  });
  await cp(model, join(folder, 'model'), { recursive: true });
  return folder;
}
