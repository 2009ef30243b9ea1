import type { AddCommand } from './add-command.ts';
import { addPromptCheck } from './prompt-check.ts';
import { addPromptDiff } from './prompt-diff.ts';
import { addPromptExport } from './prompt-export.ts';
import { addPromptImport } from './prompt-import.ts';
import { addPromptList } from './prompt-list.ts';
import { addPromptNew } from './prompt-new.ts';
import { addPromptShow } from './prompt-show.ts';

/** `rung prompt …`: the versions in a task's `prompts` folder and the overlays beside them. None of it asks a model for an answer. */
export const promptCommand: AddCommand = (program, io, exit) => {
  const prompt = program.command('prompt').description('prompt versions of a task: list, show, diff, new, check, export, import');
  for (const add of [addPromptList, addPromptShow, addPromptDiff, addPromptNew, addPromptCheck, addPromptExport, addPromptImport]) {
    add(prompt, io, exit);
  }
};
