import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { exitCodes, inputError, RungError } from '#core/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { type Plugins, pluginById } from '#core/plugins.ts';
import type { Probe } from '#core/probe.ts';
import type { DryRun } from '#engine/dry-run.ts';
import { probes as knownProbes } from '#probes/index.ts';
import { renderProbeReport } from '#report/probe-report.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { defaultProbeConcurrency, probeTask, type TaskProbeReport } from '../probe-task.ts';
import { dryRunTask, type PlannedTask, planTask } from '../session.ts';
import type { AddCommand } from './add-command.ts';
import { dollarAmount, unreadableFlag, wholeNumber } from './flag-values.ts';
import { formatDryRun } from './format-dry-run.ts';
import { formatProbe } from './format-probe.ts';
import { interruption } from './interruption.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import { progressOf } from './task-progress.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';
import { writeAtomically } from './write-atomically.ts';

interface ProbeFlags {
  readonly candidate?: string;
  readonly option: JsonObject;
  readonly json?: boolean;
  readonly report?: string;
  readonly dryRun?: boolean;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  readonly seed?: number;
}

const defaultProbes = knownProbes.map(({ id }) => id).join(', ');

/** `rung probe NAME [task]`: tests how a candidate behaves beyond its examples. */
export const probeCommand: AddCommand = (program, io, exit) => {
  program
    .command('probe')
    .argument('<name>', `${defaultProbes}, or all of them: all`)
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description(`test how a rung behaves beyond its examples: ${defaultProbes}`)
    .option(
      '--candidate <id or rung>',
      'what to test: a rung of the ladder or the id of a stored candidate; the rung that was chosen, else the first',
    )
    .option('--option <key=value>', 'an option of the probe, as turns=50; may be given several times', addOption, {})
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--report <file>', 'write a page with the figures and the cases')
    .option('--dry-run', 'say what would be called and what it would cost; call nothing')
    .option('--budget <dollars>', 'stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'questions in flight', wholeNumber)
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber)
    .option('--debug', 'show stack traces')
    .action(async (name: string, path: string | undefined, flags: ProbeFlags) => {
      const plugins = defaultPlugins();
      try {
        await probeCommandWith({ name, path, flags, io, plugins });
        exit(exitCodes.done);
      } finally {
        await plugins.close();
      }
    });
};

interface Asked {
  readonly name: string;
  readonly path: string | undefined;
  readonly flags: ProbeFlags;
  readonly io: TerminalIo;
  readonly plugins: Plugins;
}

/** Every probe that says something about the task. */
const all = 'all';

async function probeCommandWith(asked: Asked): Promise<void> {
  const { name, path, flags, io, plugins } = asked;
  if (name === all && Object.keys(flags.option).length > 0) {
    throw unreadableFlag('--option is of one probe, and all of them were asked for.', 'Write the options under probes: in the task.');
  }
  if (name !== all) pluginById('probe', plugins.probes, name).checkOptions(flags.option);
  const environment = await withDotEnv(io);
  const planned = await planTask({ task: await taskPath(path, io), plugins, environment, seed: flags.seed });
  const runs = probesOf(name, planned, flags, io, plugins);
  const write = (document: unknown, text: () => string) => io.stdout.write(flags.json ? `${JSON.stringify(document)}\n` : text());
  if (flags.dryRun) {
    const dry = await dryRunProbes(planned, runs, asked, environment);
    write(dry, () => formatDryRun(dry, runs.length === 1 ? 'The probe' : 'The probes'));
    return;
  }
  const reports = await runProbes(planned, runs, asked, environment);
  if (flags.report !== undefined) await writeAtomically(resolve(io.workingFolder, flags.report), renderProbeReport(reports));
  const style = { color: usesColor(io.stdout, io.environment), width: io.stdout.columns ?? 100 };
  write(name === all ? { probes: reports } : reports[0], () => reports.map((report) => formatProbe(report, style)).join('\n'));
}

/** A probe with its options, and the folder that paths in them are relative to. */
interface ProbeRun {
  readonly probe: Probe;
  readonly options: JsonObject;
  readonly folder: string;
}

function probesOf(name: string, { task }: PlannedTask, flags: ProbeFlags, io: TerminalIo, plugins: Plugins): ProbeRun[] {
  if (name !== all) return [{ probe: pluginById('probe', plugins.probes, name), options: flags.option, folder: io.workingFolder }];
  const runs = plugins.probes.filter((probe) => probe.skip?.(task) === undefined);
  return runs.map((probe) => ({ probe, options: task.probes[probe.id] ?? {}, folder: task.folder }));
}

async function dryRunProbes(
  { task, plan }: PlannedTask,
  probes: readonly ProbeRun[],
  { flags, plugins }: Asked,
  environment: TerminalIo['environment'],
): Promise<DryRun> {
  const name = flags.candidate ?? (await chosenRung(task.file, plan.rungs)) ?? plan.rungs[0]?.name;
  const rungs = plan.rungs.filter((rung) => rung.name === name);
  if (rungs.length === 0) {
    throw inputError({
      code: 'unknown-rung',
      message: `A dry run estimates a rung of the ladder, and ${JSON.stringify(name ?? '')} is none.`,
      hint: `It has: ${plan.rungs.map((rung) => rung.name).join(', ')}.`,
      place: { file: task.file },
    });
  }
  const concurrency = flags.concurrency ?? defaultProbeConcurrency;
  return dryRunTask({ task, plan: { ...plan, rungs, probes } }, { plugins, environment, concurrency, rows: 0 });
}

async function runProbes(
  planned: PlannedTask,
  probes: readonly ProbeRun[],
  { name, flags, io, plugins }: Asked,
  environment: TerminalIo['environment'],
): Promise<TaskProbeReport[]> {
  const view = progressOf(planned, io);
  const shared = {
    ...{ plugins, environment, progress: view.listen, concurrency: flags.concurrency },
    candidate: flags.candidate ?? (await chosenRung(planned.task.file, planned.plan.rungs)),
    ...interruption(io),
  };
  const reports: TaskProbeReport[] = [];
  let [dollars, calls] = [0, 0];
  try {
    for (const { probe, options, folder } of probes) {
      const left = {
        budget: flags.budget === undefined ? undefined : Math.max(0, flags.budget - dollars),
        maxCalls: flags.maxCalls === undefined ? undefined : Math.max(0, flags.maxCalls - calls),
      };
      const report = await probeTask(planned, { ...shared, ...left, probe: probe.id, options, folder }).catch((error: unknown) => {
        // of all probes, those on tuning have nothing to ask a rung that was not tuned
        if (name !== all || !RungError.is(error) || error.code !== 'probe-says-nothing') throw error;
        io.stderr.write(`The probe ${probe.id} was left out: ${error.message}\n`);
        return undefined;
      });
      if (report === undefined) continue;
      dollars += report.spent.dollars;
      calls += report.spent.calls;
      reports.push(report);
    }
    return reports;
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
