import type { AddCommand } from './add-command.ts';
import { addDataCheck } from './data-check.ts';
import { addDataCollect } from './data-collect.ts';
import { addDataConvert } from './data-convert.ts';
import { addDataDedupe } from './data-dedupe.ts';
import { addDataLabel } from './data-label.ts';
import { addDataMix } from './data-mix.ts';
import { addDataSplit } from './data-split.ts';
import { addDataSynthesise } from './data-synthesise.ts';

/** `rung data …`: files of rows. A model is asked only where a command is told which: by collect, label and synthesise. */
export const dataCommand: AddCommand = (program, io, exit) => {
  const data = program
    .command('data')
    .description('files of rows to train and judge on: check, convert, dedupe, split, collect, label, synthesise, mix');
  for (const add of [
    addDataCheck,
    addDataCollect,
    addDataConvert,
    addDataDedupe,
    addDataLabel,
    addDataMix,
    addDataSplit,
    addDataSynthesise,
  ])
    add(data, io, exit);
};
