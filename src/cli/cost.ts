import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inputError } from '#core/errors.ts';
import { costScenario } from '#economics/cost-scenario.ts';
import { parseScenario } from '#economics/scenario.ts';
import type { AddCommand } from './add-command.ts';
import { formatCost } from './format-cost.ts';

/** `rung cost scenario.json`: arithmetic on prices; asks no model. */
export const costCommand: AddCommand = (program, io) => {
  program
    .command('cost')
    .argument('<scenario>', 'JSON file with approaches, prices and volume')
    .description('cost and break-even of approaches at a volume, from prices alone')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string, flags: { json?: boolean }) => {
      const file = resolve(io.workingFolder, path);
      const result = costScenario(parseScenario(await readJson(file), file));
      io.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : formatCost(result));
    });
};

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw inputError({
      code: 'file-unreadable',
      message: 'The scenario file cannot be read.',
      hint: 'Check its path.',
      place: { file },
      cause,
    });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw inputError({
      code: 'json-malformed',
      message: `The scenario is not JSON: ${reason}.`,
      hint: 'Mend it and run again.',
      place: { file },
      cause,
    });
  }
}
