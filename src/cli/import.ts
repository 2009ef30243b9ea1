import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { exitCodes, inputError, messageOf } from '#core/errors.ts';
import { readKey } from '#http/api-key.ts';
import { shortText } from '#report/visible-text.ts';
import { askedOf, readFromOpenAi } from '../import-openai.ts';
import type { PastJob } from '../import-past-job.ts';
import { readFromFolder } from '../import-saved.ts';
import { taskOf } from '../import-task-files.ts';
import { refuseTaken, writeFolder } from '../write-folder.ts';
import type { AddCommand } from './add-command.ts';
import { formatImport } from './import-format.ts';
import { print } from './prompt-output.ts';
import { withDotEnv } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';

interface ImportFlags {
  readonly from?: string;
  readonly training?: string;
  readonly validation?: string;
  readonly base: string;
  readonly baseUrl?: string;
  readonly output?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const keyVariable = 'OPENAI_API_KEY';
const usualBaseUrl = 'https://api.openai.com/v1';

/** `rung import openai-finetune JOB` */
export const importCommand: AddCommand = (program, io, exit) => {
  program
    .command('import')
    .description('bring work from elsewhere over as a task')
    .command('openai-finetune')
    .argument('[job]', 'id of the fine-tuning job, as ftjob-…')
    .description("bring a fine-tuning job of OpenAI's API over: its rows, settings and metrics, and a ladder that tunes elsewhere")
    .option('--from <folder>', 'read what was saved of it instead: job.json, training.jsonl, …')
    .option('--training <file>', 'your copy of the training file, where the service has it no more')
    .option('--validation <file>', 'your copy of the validation file')
    .option('--base <model>', 'the model that is tuned instead', 'nano')
    .option('--base-url <url>', 'address of the API; OPENAI_BASE_URL, or OpenAI itself, where absent')
    .option('-o, --output <folder>', 'the task folder; named after the job where absent')
    .option('--dry-run', 'say what would be asked and written, and do neither')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .addHelpText('after', `\nThe key of the API stands in ${keyVariable}. See docs/import.md.\n`)
    .action(async (job: string | undefined, flags: ImportFlags) => {
      await importJob(job, flags, io);
      exit(exitCodes.done);
    });
};

async function importJob(job: string | undefined, flags: ImportFlags, io: TerminalIo): Promise<void> {
  if (job === undefined && flags.from === undefined) {
    throw inputError({
      code: 'import-nothing',
      message: 'No job is named.',
      hint: 'Give its id, as ftjob-…, or --from with the folder in which it was saved.',
    });
  }
  const environment = await withDotEnv(io);
  if (flags.dryRun && flags.from === undefined) {
    const baseUrl = baseUrlOf(flags, environment);
    const asked = askedOf(job ?? '').map((path) => `${baseUrl.href.replace(/\/+$/, '')}/${path}`);
    print(io, flags.json, { schema: 'rung.import-plan/1', asked, written: null }, () => [
      [{ text: 'Would ask, and then write a task folder:' }],
      ...asked.map((url) => [{ text: `  GET ${url}` }]),
    ]);
    return;
  }
  const past =
    flags.from === undefined
      ? await fetched(job ?? '', flags, io, environment)
      : await readFromFolder(resolve(io.workingFolder, flags.from));
  if (flags.from !== undefined && job !== undefined && past.job.id !== job) {
    throw inputError({
      code: 'import-other-job',
      message: `The folder holds the job ${shortText(past.job.id, 80)} and not ${job}.`,
      hint: 'Leave the id out, or name its own folder.',
      place: { file: flags.from },
    });
  }
  const folder = resolve(io.workingFolder, flags.output ?? folderNameOf(past));
  const { files, document } = taskOf(past, { base: flags.base, at: new Date().toISOString() });
  if (Object.values(document.rows).every((count) => count === 0)) {
    throw inputError({
      code: 'import-no-rows',
      message: 'No row of its files can become an example.',
      hint: 'Rows are conversations that end in an answer; see docs/import.md.',
    });
  }
  if (flags.dryRun) await refuseTaken(folder);
  else await writeFolder(folder, files);
  const written = Object.keys(files).map((name) => join(flags.output ?? basename(folder), name));
  const told = { ...document, folder, written: flags.dryRun ? null : written };
  print(
    io,
    flags.json,
    told,
    () => formatImport(document, { folder: flags.output ?? basename(folder), written, dryRun: flags.dryRun === true }),
    { whole: true },
  );
}

async function fetched(job: string, flags: ImportFlags, io: TerminalIo, environment: TerminalIo['environment']): Promise<PastJob> {
  const baseUrl = baseUrlOf(flags, environment);
  const key = readKey({ provider: 'openai', variable: keyVariable, environment, required: true }) ?? '';
  const stopping = new AbortController();
  io.onInterrupt(() => stopping.abort(new DOMException('Interrupted.', 'AbortError')));
  const copy = async (path: string | undefined) => (path === undefined ? undefined : readCopy(resolve(io.workingFolder, path)));
  const [training, validation] = await Promise.all([copy(flags.training), copy(flags.validation)]);
  return readFromOpenAi(job, {
    ...{ baseUrl, key, keyVariable, signal: stopping.signal },
    ...(training === undefined ? {} : { training }),
    ...(validation === undefined ? {} : { validation }),
    progress: (message) => io.stderr.write(`${message}…\n`),
  });
}

function baseUrlOf({ baseUrl }: ImportFlags, environment: TerminalIo['environment']): URL {
  const text = baseUrl ?? environment['OPENAI_BASE_URL'] ?? usualBaseUrl;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  throw inputError({
    code: 'base-url',
    message: 'The address of the API is no http or https address without user name and password.',
    hint: `Write it as ${usualBaseUrl}.`,
  });
}

async function readCopy(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw inputError({
      code: 'file-missing',
      message: `The file cannot be read: ${messageOf(cause)}`,
      hint: 'Name your copy of the file.',
      place: { file },
      cause,
    });
  }
}

function folderNameOf({ job }: PastJob): string {
  return job.id.replace(/[^A-Za-z0-9-]+/g, '-');
}
