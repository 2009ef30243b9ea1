import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inputError } from '#core/errors.ts';
import { costScenario } from '#economics/cost-scenario.ts';
import { parsePriceBook, publishedPrices } from '#economics/price-book.ts';
import { parseScenario } from '#economics/scenario.ts';
import type { AddCommand } from './add-command.ts';
import { costOfFlags } from './cost-flag-scenario.ts';
import { addCostFlags, type CostFlags, describingFlags } from './cost-flags.ts';
import { readJson } from './cost-read-json.ts';
import { costOfTask } from './cost-task.ts';
import { formatCost } from './format-cost.ts';
import type { TerminalIo } from './terminal-io.ts';

const example =
  'rung cost --prompt-tokens 500 --user-tokens 50 --output-tokens 200 --requests 500000 --input-price 0.15 --output-price 0.60 --tuned-price-factor 2 --training 30';

/** `rung cost scenario.json`, `rung cost TASK`, or flags: arithmetic on prices and on what was measured; asks no model. */
export const costCommand: AddCommand = (program, io) => {
  addCostFlags(
    program
      .command('cost')
      .argument('[scenario]', 'JSON file with approaches, prices and volume, or a task folder with a decision')
      .description('cost, break-even and crossover volumes of approaches: from a file, from flags, or as a task measured them')
      .option('--json', 'print one JSON document on stdout')
      .option('--debug', 'show stack traces')
      .addHelpText('after', `\nA prompt against a tuned model, from flags:\n  ${example}\n`),
  ).action(async (path: string | undefined, flags: CostFlags) => {
    const result = await costOf(path, flags, io);
    io.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : formatCost(result, io.stdout.columns ?? 80));
  });
};

async function costOf(path: string | undefined, flags: CostFlags, io: TerminalIo) {
  const describing = describingFlags(flags);
  if (path === undefined) {
    if (describing.length > 0) return costOfFlags(flags, await priceBook(flags, io));
    throw inputError({
      code: 'cost-of-what',
      message: 'Nothing was named whose cost to work out.',
      hint: `Name a scenario file or a task folder, or describe a prompt and a tuned model: ${example}`,
    });
  }
  if (describing.length > 0) {
    throw inputError({
      code: 'flags-conflict',
      message: `${describing.join(', ')} cannot go with ${path}, which has its own.`,
      hint: 'Beside a file or a folder only --requests, --turns, --horizon and --wrong-answer may stand.',
    });
  }
  const file = resolve(io.workingFolder, path);
  if (/\.(ya?ml|[mc]?[jt]s)$/.test(file) || (await isFolder(file))) return costOfTask(file, flags, io.environment);
  return costScenario(parseScenario(withFlags(await readJson(file, 'scenario'), flags), file));
}

async function priceBook({ prices }: CostFlags, io: TerminalIo) {
  if (prices === undefined) return publishedPrices();
  const file = resolve(io.workingFolder, prices);
  return parsePriceBook(await readJson(file, 'price book'), file);
}

function withFlags(scenario: unknown, { requests, turns, horizon, wrongAnswer }: CostFlags): unknown {
  if (typeof scenario !== 'object' || scenario === null || Array.isArray(scenario)) return scenario;
  return {
    ...scenario,
    ...(requests === undefined ? {} : { requestsPerMonth: requests }),
    ...(turns === undefined ? {} : { turns }),
    ...(horizon === undefined ? {} : { horizonMonths: horizon }),
    ...(wrongAnswer === undefined ? {} : { wrongAnswer }),
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
