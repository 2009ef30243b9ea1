import { visibleText } from '#report/visible-text.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { stateFolder } from '../task-state.ts';
import { checkDownload, downloadAdapter } from '../tune-download.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { withDotEnv } from './run-task.ts';
import { prose } from './terminal/prose.ts';
import { Screen } from './terminal/screen.ts';
import { bytesText } from './terminal/training-words.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';
import { importedLines } from './tune-import.ts';
import { taskJobs } from './tune-task.ts';

interface DownloadFlags {
  readonly name?: string;
  readonly base?: string;
  readonly json?: boolean;
}

/** `rung tune download JOB [task]`: brings the adapter of a job that a service ran into the task. */
export const addTuneDownload: AddCommand = (tune, io) => {
  tune
    .command('download')
    .argument('<job>', 'id of a job, or its beginning')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('bring the adapter that a service tuned into the task, where the service hands it out')
    .option('--name <name>', 'what it is called in the task; the id of the job where absent')
    .option('--base <name>', 'what its base is called here, as on a hub, where the adapter calls it otherwise')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action((job: string, path: string | undefined, flags: DownloadFlags) => download(job, path, flags, io));
};

async function download(
  beginning: string,
  path: string | undefined,
  { name, base: known, json }: DownloadFlags,
  io: TerminalIo,
): Promise<void> {
  const { folder, jobs } = await taskJobs(path, io);
  const record = await jobs.find(beginning);
  const plugins = defaultPlugins();
  const stop = new AbortController();
  const shown = progressOf(io);
  io.onInterrupt(() => stop.abort(new DOMException('Interrupted.', 'AbortError')));
  try {
    await checkDownload(record, { plugins, stateFolder: stateFolder({ folder }) });
    const environment = await withDotEnv(io);
    const planned = await planTask({ task: folder, plugins, environment });
    const called = name ?? record.id;
    const options = {
      plugins,
      environment,
      jobs,
      name: called,
      ...(known === undefined ? {} : { base: known }),
      signal: stop.signal,
      onBytes: shown.listen,
    };
    const imported = await downloadAdapter(planned, record, options).finally(shown.end);
    const { id, trainer, model, base } = record;
    const document = {
      schema: 'rung.tune-download/1',
      job: id,
      trainer,
      model: model?.model,
      base: base.model,
      name: called,
      adapter: imported,
    };
    print(
      io,
      json,
      document,
      (columns) => [
        ...importedLines(imported),
        [{ text: '' }],
        ...prose(`Its base must be a model whose weights you run: ${howToRun(imported.base, base.model)}`, columns),
      ],
      { whole: true },
    );
  } finally {
    await plugins.close();
  }
}

/** The base by the name that the adapter gives, which is the hub's where the service kept it. */
function howToRun(named: string | undefined, asked: string): string {
  const base = visibleText(named ?? asked);
  return `as providers: { local: { kind: transformers, model: ${base} } } with models: { base: local }; or give the folder to vLLM (--enable-lora) or, converted, to llama.cpp, and name that server under providers: as openai-compatible.`;
}

const showEveryMs = 100;

/** How much has come, on one line of a terminal, elsewhere a line for every tenth part. */
function progressOf(io: TerminalIo): { listen(done: number, total: number | undefined): void; end(): void } {
  const isLive = io.stderr.isTTY === true && !io.environment['CI'] && !io.environment['NO_COLOR'];
  const screen = isLive ? new Screen(io.stderr, { color: usesColor(io.stderr, io.environment) }) : undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  let tenths = 0;
  return {
    listen(done, total) {
      const words = `fetched ${bytesText(done)}${total === undefined ? '' : ` of ${bytesText(total)}`}`;
      const now = performance.now();
      if (screen !== undefined) {
        if (now - shownAt < showEveryMs) return;
        shownAt = now;
        screen.draw([[{ text: words }]]);
      } else if (total !== undefined && total > 0) {
        const reached = Math.floor((10 * done) / total);
        if (reached > tenths) io.stderr.write(`${words}\n`);
        tenths = reached;
      }
    },
    end() {
      if (screen === undefined) return;
      screen.draw([[]]);
      screen.end();
    },
  };
}
