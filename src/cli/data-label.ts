import { userInfo } from 'node:os';
import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { exitCodes, inputError } from '#core/errors.ts';
import { openJournal } from '#data/grow/label-journal.ts';
import type { LabelOrder } from '#data/grow/label-order.ts';
import { shortText } from '#report/visible-text.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { type Labelling, openLabelling } from '../growth/label-data.ts';
import { type Drafter, openDrafter } from '../growth/label-drafter.ts';
import { planTask } from '../session.ts';
import type { AddCommand } from './add-command.ts';
import { formatLabels, type LabelDocument } from './data-label-format.ts';
import { type LabelSource, openLabelSource } from './data-label-open.ts';
import { labelledFileOf, refuseNoJson, writeLabelled } from './data-label-output.ts';
import { labelPage, pageState } from './data-label-page.ts';
import { openLabelServer } from './data-label-server.ts';
import { type LabelKeyboard, labelInTerminal } from './data-label-terminal.ts';
import { commaList, dollarAmount, unreadableFlag, wholeNumber } from './flag-values.ts';
import { print } from './prompt-output.ts';
import { withDotEnv } from './run-task.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';

interface LabelFlags {
  readonly by?: string;
  readonly labels?: readonly string[];
  readonly text?: boolean;
  readonly task?: string;
  readonly from?: string;
  readonly drafts?: string;
  readonly budget?: number;
  readonly order: LabelOrder;
  readonly double?: number;
  readonly adjudicate?: boolean;
  readonly minimumGain?: number;
  readonly page?: boolean;
  readonly port: number;
  readonly status?: boolean;
  readonly output?: string;
  readonly seed: number;
  readonly json?: boolean;
}

const confidence = 0.95;
const usualDouble = 0.1;
/** Where no task says which gain matters; the default of tasks. */
const usualMinimumGain = 0.03;

/** `rung data label FILE|TASK`: people label rows, in the terminal or on a page of this machine. */
export const addDataLabel: AddCommand = (data, io, exit) => {
  addFlags(data.command('label')).action(async (path: string, flags: LabelFlags) => {
    await label(path, flags, io, process.stdin);
    exit(exitCodes.done);
  });
};

function addFlags(command: Command): Command {
  return command
    .argument('<file or task>', 'file of rows, or a task whose examples are meant')
    .description('label rows by hand, in the terminal or on a local page: the next row is the one that teaches most')
    .option('--by <name>', 'who labels; the name of your account where absent')
    .option('--labels <names>', "the answers there may be, with commas between; the task's, or those the file has already", commaList)
    .option('--text', 'answers are free text')
    .option('--task <folder>', 'task whose labels are meant and whose rung drafts')
    .option('--from <format>', 'format of the rows, where it should not be found out')
    .option('--drafts <rung>', 'a rung of the task drafts each answer, to be taken or changed')
    .option('--budget <dollars>', 'stop drafting before more than that is spent', dollarAmount)
    .addOption(new Option('--order <order>', 'which row comes next').choices(['informative', 'random', 'file']).default('informative'))
    .option('--double <share>', 'share of the rows that two people label; 0.1 where absent, none of free text', share)
    .option('--adjudicate', 'settle the rows on which people disagree')
    .option('--minimum-gain <share>', "smallest gain of accuracy that matters; the task's, or 0.03", share)
    .option('--page', 'label on a page that only this machine can open, instead of in the terminal')
    .option('--port <n>', 'port of the page; any that is free where absent', portNumber, 0)
    .option('--status', 'ask nothing: say where labelling stands and write the labelled file')
    .option('-o, --output <file>', 'the labelled file; NAME.labelled.jsonl beside the rows where absent')
    .option('--seed <n>', 'what is drawn is drawn from this', wholeNumber, 1)
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces');
}

async function label(path: string, flags: LabelFlags, io: TerminalIo, keyboard: LabelKeyboard): Promise<void> {
  if (!flags.status && !flags.page) requireTerminal(io, keyboard);
  const environment = await withDotEnv(io);
  const source = await openLabelSource(path, { ...flags, environment, workingFolder: io.workingFolder });
  const output = outputFile(source, flags, io);
  const drafting = flags.drafts === undefined || flags.status ? undefined : await drafter(source, flags.drafts, flags, io, environment);
  const journal = openJournal(`${source.file}.labels.jsonl`);
  const by = shortText(flags.by ?? userInfo().username, 60);
  try {
    const labelling = openLabelling({
      rows: source.rows,
      ...(source.labels && { labels: source.labels }),
      ...{ by, journal, order: flags.order, seed: flags.seed, adjudicate: flags.adjudicate === true, confidence },
      // two people hardly ever write the same words
      double: flags.double ?? (source.labels === undefined ? 0 : usualDouble),
      minimumGain: flags.minimumGain ?? source.task?.minimumGain ?? usualMinimumGain,
      ...(drafting && { draft: drafting.draft }),
      ...(source.task?.output.kind === 'json' && { refuse: refuseNoJson }),
      now: Date.now,
    });
    try {
      if (flags.status) await labelling.catchUp();
      else await ask(labelling, source, by, flags, io, keyboard);
      const told = (file: string) => relative(io.workingFolder, file) || file;
      const document: LabelDocument = {
        schema: 'rung.data-label/1',
        file: told(source.file),
        journal: told(journal.file),
        output: await written(output, source, labelling, told),
        by,
        labels: source.labels ?? null,
        ...labelling.figures(),
        passedOver: source.passedOver,
        unreadableActs: journal.unreadable,
        notes: notesOf(source, journal.unreadable),
      };
      print(io, flags.json, document, (columns) => formatLabels(document, columns));
    } finally {
      await labelling.close();
    }
  } finally {
    await drafting?.close();
  }
}

async function written(
  output: string,
  source: LabelSource,
  labelling: Labelling,
  told: (file: string) => string,
): Promise<LabelDocument['output']> {
  if (labelling.figures().progress.labelled === 0) return null;
  const { written: rows, hash, dropped, lost } = await writeLabelled(output, source, labelling);
  return { file: told(output), rows, hash, dropped, lost };
}

function notesOf({ passedOver, data }: LabelSource, unreadable: number): string[] {
  const notes = [...data.notes()];
  if (passedOver > 0)
    notes.push(`${passedOver} rows were passed over: they cannot be read, ask nothing, or hold two answers to choose from.`);
  if (unreadable > 0)
    notes.push(`${unreadable} lines of the journal are no act, as when a process is killed while it writes; they were passed over.`);
  return notes;
}

function requireTerminal(io: TerminalIo, keyboard: LabelKeyboard): void {
  if (io.stdout.isTTY === true && keyboard.isTTY === true) return;
  throw inputError({
    code: 'no-terminal',
    message: 'Labelling is done with the keyboard, and there is no terminal here.',
    hint: 'Run it in a terminal, label on a page with --page, or ask where it stands with --status.',
  });
}

function outputFile({ file }: LabelSource, { output }: LabelFlags, io: TerminalIo): string {
  const chosen = output === undefined ? labelledFileOf(file) : resolve(io.workingFolder, output);
  if (chosen !== file) return chosen;
  throw inputError({
    code: 'output-is-input',
    message: 'The labelled file would take the place of the rows.',
    hint: 'Name another with -o: rows without a label are only in the first.',
    place: { file },
  });
}

async function drafter(
  source: LabelSource,
  rung: string,
  { budget }: LabelFlags,
  io: TerminalIo,
  environment: TerminalIo['environment'],
): Promise<Drafter> {
  if (source.task === undefined) {
    throw inputError({
      code: 'drafts-without-task',
      message: 'A rung of a task drafts, and no task is named.',
      hint: 'Add --task with its folder.',
    });
  }
  const plugins = defaultPlugins();
  try {
    const planned = await planTask({ task: source.task.file, plugins, environment });
    io.stderr.write(`Opening ${shortText(rung, 60)} of ${shortText(planned.task.name, 60)}…\n`);
    const opened = await openDrafter(planned, { plugins, environment, rung, ...(budget === undefined ? {} : { budget }) });
    return {
      draft: opened.draft,
      async close() {
        await opened.close();
        await plugins.close();
      },
    };
  } catch (error) {
    await plugins.close();
    throw error;
  }
}

async function ask(
  labelling: Labelling,
  source: LabelSource,
  by: string,
  flags: LabelFlags,
  io: TerminalIo,
  keyboard: LabelKeyboard,
): Promise<void> {
  const { labels } = source;
  const name = relative(io.workingFolder, source.file) || source.file;
  const title = `${shortText(name, 60)} · ${by}${flags.adjudicate ? ' · disagreements' : ''}`;
  const drafts = flags.drafts !== undefined;
  const stopping = new AbortController();
  io.onInterrupt(() => stopping.abort());
  if (!flags.page) {
    const color = usesColor(io.stdout, io.environment);
    await labelInTerminal({ labelling, title, labels, drafts, keyboard, stream: io.stdout, color, stopping: stopping.signal });
    return;
  }
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  stopping.signal.addEventListener('abort', () => end(), { once: true });
  const server = await openLabelServer({
    port: flags.port,
    page: (nonce) => labelPage({ title, labels, drafts }, nonce),
    state: () => pageState(labelling.view(), labels),
    act: labelling.act,
    onEnd: () => end(),
  });
  try {
    io.stderr.write(`Label at ${server.url}\nThe address is a key: whoever has it can label. Ctrl-C ends and writes the file.\n`);
    await ended;
  } finally {
    await server.close();
  }
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not a share.`, 'Write a number from 0 to 1, as 0.1.');
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port < 65_536) return port;
  throw unreadableFlag(`${JSON.stringify(text)} is not a port.`, 'Write a number up to 65535.');
}
