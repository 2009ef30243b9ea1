import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exitCodes } from '#core/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { type Plugins, pluginById } from '#core/plugins.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { probeTask, type TaskProbeReport } from '../probe-task.ts';
import { planTask } from '../session.ts';
import type { AddCommand } from './add-command.ts';
import { dollarAmount, unreadableFlag, wholeNumber } from './flag-values.ts';
import { formatProbe } from './format-probe.ts';
import { interruption } from './interruption.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import { createProgressView } from './terminal/progress-view.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';

interface ProbeFlags {
  readonly candidate?: string;
  readonly option: JsonObject;
  readonly json?: boolean;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  readonly seed?: number;
}

/** `rung probe NAME [task]`: tests how a candidate behaves beyond its examples. */
export const probeCommand: AddCommand = (program, io, exit) => {
  program
    .command('probe')
    .argument('<name>', 'drift, format, jailbreak, latency or leak')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('test how a rung behaves beyond its examples: drift, jailbreak, leak, format, latency')
    .option(
      '--candidate <id or rung>',
      'what to test: a rung of the ladder or the id of a stored candidate; the rung that was chosen, else the first',
    )
    .option('--option <key=value>', 'an option of the probe, as turns=50; may be given several times', addOption, {})
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--budget <dollars>', 'stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'questions in flight', wholeNumber)
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber)
    .option('--debug', 'show stack traces')
    .action(async (name: string, path: string | undefined, flags: ProbeFlags) => {
      const plugins = defaultPlugins();
      try {
        const report = await runProbeCommand(name, path, flags, io, plugins);
        io.stdout.write(
          flags.json
            ? `${JSON.stringify(report)}\n`
            : formatProbe(report, { color: usesColor(io.stdout, io.environment), width: io.stdout.columns ?? 100 }),
        );
        exit(exitCodes.done);
      } finally {
        await plugins.close();
      }
    });
};

async function runProbeCommand(
  name: string,
  path: string | undefined,
  flags: ProbeFlags,
  io: TerminalIo,
  plugins: Plugins,
): Promise<TaskProbeReport> {
  pluginById('probe', plugins.probes, name).checkOptions(flags.option);
  const environment = await withDotEnv(io);
  const planned = await planTask({ task: await taskPath(path, io), plugins, environment, seed: flags.seed });
  const view = createProgressView({
    stream: io.stderr,
    isTty: io.stderr.isTTY === true,
    environment: io.environment,
    now: () => performance.now(),
  });
  for (const warning of planned.warnings) view.note(`warning: ${warning}`);
  try {
    return await probeTask(planned, {
      plugins,
      environment,
      probe: name,
      candidate: flags.candidate ?? (await chosenRung(planned.task.file, planned.plan.rungs)),
      options: flags.option,
      folder: io.workingFolder,
      progress: view.listen,
      budget: flags.budget,
      maxCalls: flags.maxCalls,
      concurrency: flags.concurrency,
      ...interruption(io),
    });
  } finally {
    view.end();
  }
}

/** The rung that the task's decision chose, where there is one and the ladder still has it. */
async function chosenRung(taskFile: string, rungs: readonly { readonly name: string }[]): Promise<string | undefined> {
  const text = await readFile(join(dirname(taskFile), 'decision.json'), 'utf8').catch(() => '{}');
  let decision: unknown;
  try {
    decision = JSON.parse(text);
  } catch {
    return undefined;
  }
  const chosen = isJsonObject(decision) ? decision['chosen'] : undefined;
  const rung = isJsonObject(chosen) ? chosen['rung'] : undefined;
  return rungs.find(({ name }) => name === rung)?.name;
}

function addOption(text: string, before: JsonObject): JsonObject {
  const at = text.indexOf('=');
  if (at <= 0) throw unreadableFlag(`${JSON.stringify(text)} is not an option of a probe.`, 'Write it as --option turns=50.');
  return { ...before, [text.slice(0, at)]: optionValue(text.slice(at + 1)) };
}

/** Numbers, true and false as such, everything else as text. */
function optionValue(text: string): Json {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
