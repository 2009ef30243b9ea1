import { relative, resolve } from 'node:path';
import { Option } from 'commander';
import { pluginById } from '#core/plugins.ts';
import type { BaseModel, TrainingJob } from '#core/trainer.ts';
import { trainingExports } from '#trainers/exports.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { openBaseName, plannedTraining, shellWord, writeExport } from '../tune-export.ts';
import { tunedRung } from '../tune-rung.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';
import { addTuneFlags, requestOf, type TuneFlags } from './tune-flags.ts';
import { taskJobs } from './tune-task.ts';

interface ExportFlags extends TuneFlags {
  readonly for: string;
  readonly output?: string;
  readonly base?: string;
  readonly job?: string;
  readonly json?: boolean;
}

/** `rung tune export [task] --for axolotl`: the folder and the command with which another program does the same training. */
export const addTuneExport: AddCommand = (tune, io) => {
  addTuneFlags(
    tune
      .command('export')
      .argument('[task]', 'task folder or file; without one, the nearest upward')
      .description('write what another program needs to train the same: data, configuration, README; train nothing'),
  )
    .addOption(new Option('--for <program>', 'who is to train').choices(trainingExports.map(({ id }) => id)).makeOptionMandatory())
    .option('--job <id>', 'a training job that was started before, instead of a rung')
    .option('--base <name>', 'the open model to train, by its name on a hub or its folder; the task’s own where absent')
    .option('-o, --output <folder>', 'where to write; tune-PROGRAM in the task folder where absent')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action((path: string | undefined, flags: ExportFlags) => exportTune(path, flags, io));
};

async function exportTune(path: string | undefined, flags: ExportFlags, io: TerminalIo): Promise<void> {
  const exporter = pluginById('export', trainingExports, flags.for);
  const { folder: taskFolder } = await taskJobs(path, io);
  const { job, base } = await trainingOf(path, flags, io);
  const name = flags.base ?? (await openBaseName(base, taskFolder));
  const folder = flags.output === undefined ? resolve(taskFolder, `tune-${exporter.id}`) : resolve(io.workingFolder, flags.output);
  const written = await writeExport(exporter, { job, base: name, folder, taskFolder });
  const at = (file: string) => relative(io.workingFolder, file) || '.';
  const document = {
    schema: 'rung.tune-export/1',
    program: exporter.id,
    method: job.method,
    base: name,
    rows: { train: job.train.length, validation: job.validation.length },
    ...written,
    differences: exporter.differences,
  };
  print(
    io,
    flags.json,
    document,
    () => [
      [{ text: `${at(written.folder)}: ${written.files.join(', ')}` }],
      [{ text: '' }],
      [{ text: `    cd ${shellWord(at(written.folder))}` }],
      [{ text: `    ${written.command}` }],
      [{ text: `    ${written.importCommand}` }],
      [{ text: '' }],
      ...exporter.differences.map((difference) => [{ text: difference }]),
    ],
    { whole: true },
  );
}

async function trainingOf(
  path: string | undefined,
  flags: ExportFlags,
  io: TerminalIo,
): Promise<{ readonly job: TrainingJob; readonly base: BaseModel }> {
  const plugins = defaultPlugins();
  try {
    const environment = await withDotEnv(io);
    const request = requestOf(await taskPath(path, io), flags);
    const planned = await planTask({ task: request.task, plugins, environment, seed: request.seed });
    if (flags.job !== undefined) {
      const { jobs } = await taskJobs(path, io);
      const job = await jobs.job((await jobs.find(flags.job)).id);
      const { model } = job.base;
      const kind = planned.task.providers[model.split('/')[0] ?? ''];
      return { job, base: { name: model, kind: kind?.kind ?? model.split('/')[0] ?? '', model, settings: kind?.settings ?? {} } };
    }
    const rung = tunedRung(planned.plan, request, plugins.approaches);
    return await plannedTraining(planned, rung, { plugins, environment, budget: request.budget, maxCalls: request.maxCalls });
  } finally {
    await plugins.close();
  }
}
