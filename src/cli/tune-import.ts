import { resolve } from 'node:path';
import { visibleText } from '#report/visible-text.ts';
import { type ImportedAdapter, importAdapter } from '../tune-import.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import type { Line } from './terminal/styled-line.ts';
import type { TerminalIo } from './terminal-io.ts';
import { taskJobs } from './tune-task.ts';

interface ImportFlags {
  readonly name?: string;
  readonly base?: string;
  readonly json?: boolean;
}

/** `rung tune import FOLDER [task]`: brings in an adapter that another program trained. */
export const addTuneImport: AddCommand = (tune, io) => {
  tune
    .command('import')
    .argument('<folder>', 'what the other program wrote: a PEFT folder, a folder of checkpoints, or one of MLX-LM')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('bring in an adapter that another program trained, to be measured and held against the guards')
    .option('--name <name>', 'what it is called in the task; imported where absent')
    .option('--base <name>', 'what its base is called here, as on a hub, where the adapter calls it otherwise')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action((folder: string, path: string | undefined, flags: ImportFlags) => importTune(folder, path, flags, io));
};

async function importTune(
  from: string,
  path: string | undefined,
  { name = 'imported', base, json }: ImportFlags,
  io: TerminalIo,
): Promise<void> {
  const { folder: taskFolder } = await taskJobs(path, io);
  const imported = await importAdapter(resolve(io.workingFolder, from), { taskFolder, name, ...(base === undefined ? {} : { base }) });
  const document = { schema: 'rung.tune-import/1', name, ...imported };
  print(io, json, document, () => importedLines(imported), { whole: true });
}

/** What was brought into the task, and how to use it. */
export function importedLines({ folder, source, base, rank, bytes }: ImportedAdapter): Line[] {
  const about = [
    `an adapter of ${source}`,
    ...(rank === undefined ? [] : [`rank ${rank}`]),
    ...(base === undefined ? [] : [`trained on ${visibleText(base)}`]),
  ];
  return [
    [{ text: `${folder}: ${about.join(', ')}, ${(bytes / 1e6).toFixed(1)} MB.` }],
    [{ text: '' }],
    [{ text: 'To measure it, write into the task file:' }],
    [{ text: '' }],
    [{ text: `    trainers: { adapter: { folder: ${folder} } }` }],
    [{ text: '    ladder: [zero-shot, { rung: fine-tuned, trainer: adapter }]' }],
    [{ text: '' }],
    [{ text: 'Then rung climb measures it, and rung tune start --trainer adapter holds it against the guards.' }],
  ];
}
