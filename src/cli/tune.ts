import type { AddCommand } from './add-command.ts';
import { addTuneCancel } from './tune-cancel.ts';
import { addTuneDownload } from './tune-download.ts';
import { addTuneExport } from './tune-export.ts';
import { addTuneImport } from './tune-import.ts';
import { addTuneList } from './tune-list.ts';
import { addTuneShow } from './tune-show.ts';
import { addTuneStart } from './tune-start.ts';
import { addTuneWatch } from './tune-watch.ts';
import { addTuneWork } from './tune-work.ts';

/** `rung tune …`: training jobs: start, watch, list, show, cancel, download, export, import. */
export const tuneCommand: AddCommand = (program, io, exit) => {
  const tune = program.command('tune').description('tune a model on the task: start, watch, list, show, cancel, download, export, import');
  const adds = [addTuneStart, addTuneWatch, addTuneList, addTuneShow, addTuneCancel, addTuneDownload, addTuneExport, addTuneImport];
  for (const add of [...adds, addTuneWork]) add(tune, io, exit);
};
