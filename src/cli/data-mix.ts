import { resolve } from 'node:path';
import { exitCodes, inputError } from '#core/errors.ts';
import { type MixPart, planMix } from '#data/grow/mix-plan.ts';
import { mixedRows } from '#data/grow/mix-rows.ts';
import { readDataFile } from '#data/read-data-file.ts';
import { nearSearch } from '#data/split/near-search.ts';
import { writeDataFile } from '#data/write-data-file.ts';
import type { AddCommand } from './add-command.ts';
import { mixDocument } from './data-mix-document.ts';
import { formatDataMix } from './data-mix-format.ts';
import { shareValue } from './data-shares.ts';
import { rowWatch } from './data-watch-rows.ts';
import { unreadableFlag, wholeNumber } from './flag-values.ts';
import { print } from './prompt-output.ts';
import type { TerminalIo } from './terminal-io.ts';

interface DataMixFlags {
  readonly output: string;
  readonly general?: string;
  readonly generalShare: number;
  readonly safety?: string;
  readonly safetyShare: number;
  readonly from?: string;
  readonly seed: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const defaultGeneralShare = 0.1;
/** The published starting point (Bianchi et al. 2023, arXiv 2309.07875). */
const defaultSafetyShare = 0.03;

/** `rung data mix FILE -o OUT`: general rows against forgetting, safety rows against erosion, in shares that are said. */
export const addDataMix: AddCommand = (data, io, exit) => {
  data
    .command('mix')
    .argument('<file>', 'file of rows that are to be trained on')
    .description('add general examples against forgetting and safety examples against erosion, in shares that are said')
    .requiredOption('-o, --output <file>', 'where the mix is written, in the format of the file')
    .option('--general <file>', 'rows of abilities that a tune must not lose')
    .option('--general-share <share>', 'their share of what is trained on afterwards', shareValue, defaultGeneralShare)
    .option('--safety <file>', 'rows that answer harmful requests as the model should')
    .option('--safety-share <share>', 'their share of what is trained on afterwards', shareValue, defaultSafetyShare)
    .option('--from <format>', 'format of the file, where it should not be found out')
    .option('--seed <n>', 'what is drawn is drawn from this', wholeNumber, 1)
    .option('--dry-run', 'say what the mix would be; write nothing')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string, flags: DataMixFlags) => {
      await mixCommand(path, flags, io);
      exit(exitCodes.done);
    });
};

async function mixCommand(path: string, flags: DataMixFlags, io: TerminalIo): Promise<void> {
  if (flags.general === undefined && flags.safety === undefined) {
    throw unreadableFlag('There is nothing to mix in.', 'Name a file with --general or --safety, or both.');
  }
  const at = (file: string) => resolve(io.workingFolder, file);
  const output = at(flags.output);
  for (const file of [flags.general, flags.safety]) if (file !== undefined && at(file) === output) throw overInput(output);
  const watch = rowWatch(io);
  const opened = watch.watched(await readDataFile(at(path), flags.from === undefined ? {} : { format: flags.from }), ['read', 'write']);
  const parts = [
    ...(await partOf('general', flags.general, flags.generalShare, at)),
    ...(await partOf('safety', flags.safety, flags.safetyShare, at)),
  ];
  const near = nearSearch();
  try {
    const planned = await planMix({ file: path, format: opened.format, rows: opened.rows }, parts, { seed: flags.seed, near });
    const { rows, losses } = mixedRows(planned);
    const written = flags.dryRun
      ? undefined
      : await writeDataFile(output, rows, { format: opened.format, ...(at(path) === output ? { container: opened.container } : {}) });
    watch.end();
    const document = mixDocument(opened, planned, { ...flags, safetyShare: defaultSafetyShare }, written, losses.lost);
    print(io, flags.json, document, (columns) => formatDataMix(document, columns));
  } finally {
    watch.end();
    near.close();
  }
}

async function partOf(name: string, file: string | undefined, share: number, at: (file: string) => string): Promise<MixPart[]> {
  if (file === undefined || share === 0) return [];
  const { format, rows } = await readDataFile(at(file));
  return [{ name, file, format, rows, share }];
}

function overInput(file: string): Error {
  return inputError({
    code: 'output-is-input',
    message: 'The mix would be written over a file that is mixed in.',
    hint: 'Name another file with -o.',
    place: { file },
  });
}
