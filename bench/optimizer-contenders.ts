import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ModelServer } from './optimizer-server.ts';
import type { DrawnTask } from './optimizer-tasks.ts';

/** One run of a rival on one draw. */
export interface RivalRun {
  readonly tool: 'dspy' | 'ax';
  readonly optimiser: string;
  readonly adapter: 'chat' | 'plain';
}

export interface Outcome {
  /** Score of each test row, in their order. */
  readonly scores: readonly number[];
  /** Answers of the model while optimising; of the test rows none. */
  readonly calls: number;
  /** Answers of the strong model. */
  readonly strongCalls: number;
  readonly found: unknown;
  readonly version: string;
  readonly seconds: number;
}

/** How each tool is started: a command, its arguments and what it is told through the environment. */
export interface Tools {
  /** Path of a Python with dspy. */
  readonly dspy?: string;
  /** Folder whose node_modules holds @ax-llm/ax. */
  readonly ax?: string;
}

/** Runs one rival in a process of its own: it gets the job on standard input and prints its predictions. */
export async function runRival(
  run: RivalRun,
  task: DrawnTask,
  server: ModelServer,
  tools: Tools,
  settings: RivalSettings,
): Promise<Outcome> {
  const client = [run.optimiser, run.adapter, settings.seed, settings.budget, settings.name].join('-');
  const begun = performance.now();
  const job = {
    ...run,
    ...settings,
    baseUrl: server.urlOf(client),
    testUrl: server.urlOf(`${client}-test`),
    scoreUrl: server.scoreUrl,
    labels: task.labels,
    instructions: task.instructions,
    plainInstructions: task.plainInstructions,
    train: task.train,
    validation: task.validation,
    test: task.test,
  };
  const folder = join(import.meta.dirname, 'contenders');
  const [command, script] =
    run.tool === 'dspy' ? [tools.dspy as string, join(folder, 'dspy_optimizer.py')] : [process.execPath, join(folder, 'ax-optimizer.ts')];
  const printed = await runWith(command, [script], JSON.stringify(job), { AX_FOLDER: tools.ax });
  const { predictions, found, version } = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as {
    predictions: readonly (string | null)[];
    found: unknown;
    version: string;
  };
  const calls = server.callsOf(client);
  return {
    scores: task.test.map(({ id }, index) => (predictions[index] == null ? 0 : task.score(id, predictions[index]).score)),
    calls: calls[settings.model] ?? 0,
    strongCalls: calls['strong'] ?? 0,
    found,
    version,
    seconds: (performance.now() - begun) / 1000,
  };
}

export interface RivalSettings {
  readonly name: string;
  readonly model: string;
  readonly budget: number;
  readonly seed: number;
  readonly maxTokens: number;
  /** Score from which an answer counts as right when examples are gathered. */
  readonly threshold: number;
  /** Most examples in a prompt. */
  readonly demos: { readonly labeled: number; readonly bootstrapped: number };
}

function runWith(
  command: string,
  args: readonly string[],
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(/^\w*Error: .*$/m.exec(log)?.[0] ?? log))));
  });
}
