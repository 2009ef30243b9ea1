import { resolve } from 'node:path';
import { exitCodes } from '#core/errors.ts';
import { isJsonObject, type Json } from '#core/json.ts';
import { type CheckedData, checkData } from '#data/check-data.ts';
import { dataChecks } from '#data/checks/index.ts';
import { type DataFile, readDataFile } from '#data/read-data-file.ts';
import { renderDataReport } from '#report/data-report.ts';
import { shortText } from '#report/visible-text.ts';
import { seededRandom } from '#statistics/random.ts';
import { heldOutTexts } from '../growth/held-out-texts.ts';
import { versions } from '../versions.ts';
import type { AddCommand } from './add-command.ts';
import { readJson } from './cost-read-json.ts';
import { trainingEstimates } from './data-check-estimates.ts';
import { addDataCheckFlags, checkSettings, type DataCheckFlags } from './data-check-flags.ts';
import { formatDataCheck, formatMended } from './data-check-format.ts';
import { fixTarget, type Mended, mendFile, undoFix } from './data-check-mend.ts';
import { dataCheckProgress } from './data-check-progress.ts';
import { dataCheckSarif } from './data-check-sarif.ts';
import { trainingTimes } from './data-check-times.ts';
import { openTokenizer } from './data-check-tokens.ts';
import { formatTraining, rowAt, showTraining } from './data-check-training.ts';
import { print } from './prompt-output.ts';
import { prose } from './terminal/prose.ts';
import type { TerminalIo } from './terminal-io.ts';
import { writeAtomically } from './write-atomically.ts';

/** `rung data check FILE`: what is wrong with a file of rows, with rows, reasons and what to do. Exit 2 with errors. */
export const addDataCheck: AddCommand = (data, io, exit) => {
  addDataCheckFlags(
    data
      .command('check')
      .argument('<file>', 'file of rows')
      .description('what is wrong with a file of rows: findings, scores, tokens, price of training'),
  ).action(async (path: string, flags: DataCheckFlags) => {
    const file = resolve(io.workingFolder, path);
    if (flags.undo !== undefined) return printUndone(await undoFix(file, flags.undo, flags, io), flags, io);
    const target = flags.fix === true ? fixTarget(file, flags, io) : undefined;
    const opened = await readDataFile(file, { format: flags.from, map: flags.map, maximumRowBytes: flags.maxRowBytes });
    if (flags.showTraining !== undefined) {
      const shown = showTraining(await rowAt(file, opened, flags.showTraining), (await openTokenizer(flags.model)).tokenizer);
      return print(io, flags.json, shown, (columns) => formatTraining(shown, columns), { whole: true });
    }
    const { document, mend, unmet } = await check(path, file, opened, flags, io);
    for (const { name, nearest } of unmet) {
      const meant = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
      io.stderr.write(
        `note: --rule ${shortText(name, 60)} met no check and no finding: it found nothing here, or is spelled otherwise.${meant}\n`,
      );
    }
    const mended = target === undefined ? undefined : await mendFile(file, target, opened, mend);
    const estimates = trainingEstimates(document, flags.epochs);
    const times = trainingTimes(document, flags.model, flags.epochs);
    if (flags.sarif !== undefined) {
      const sarif = dataCheckSarif(document, file, io.workingFolder, versions.rung);
      await writeAtomically(resolve(io.workingFolder, flags.sarif), `${JSON.stringify(sarif, null, 1)}\n`);
    }
    if (flags.report !== undefined) {
      await writeAtomically(resolve(io.workingFolder, flags.report), renderDataReport(document, estimates, times));
    }
    const notes = opened.notes();
    print(io, flags.json, { ...document, notes, estimates, times, ...(mended !== undefined && { mended }) }, (columns) => [
      ...formatDataCheck(document, { estimates, times }, columns),
      ...notes.flatMap((note) => prose(note, columns)),
      ...(mended === undefined ? [] : formatMended(mended, columns)),
    ]);
    exit(document.ok ? exitCodes.done : exitCodes.usage);
  });
};

function printUndone(undone: Mended, { json }: DataCheckFlags, io: TerminalIo): void {
  print(io, json, undone, (columns) => prose(`${undone.changes} changes taken back; ${undone.target} is the file as it was.`, columns));
}

async function check(shown: string, file: string, opened: DataFile, flags: DataCheckFlags, io: TerminalIo): Promise<CheckedData> {
  const { tokenizer, context } = await openTokenizer(flags.model);
  const progress = dataCheckProgress(io);
  try {
    return await checkData(
      { file: shown, format: opened.format.id, container: opened.container, recognised: opened.recognised },
      opened.rows,
      {
        checks: dataChecks,
        file,
        options: checkSettings(flags, io.workingFolder, { context, curve: await curveOf(flags.decision, io) }),
        seed: flags.seed,
        tokens: tokenizer,
        heldOut: heldOutTexts(),
        ...(flags.sample !== undefined && { sample: flags.sample, random: seededRandom(flags.seed) }),
        ...(flags.rule !== undefined && { rules: flags.rule }),
        now: () => performance.now(),
        progress: progress.listen,
      },
    );
  } finally {
    progress.end();
  }
}

async function curveOf(decision: string | undefined, io: TerminalIo): Promise<Json | undefined> {
  if (decision === undefined) return undefined;
  const value = await readJson(resolve(io.workingFolder, decision), 'decision');
  return isJsonObject(value) ? (value['learningCurve'] as Json | undefined) : undefined;
}
