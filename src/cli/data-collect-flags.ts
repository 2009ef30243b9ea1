import type { Command } from 'commander';
import { timeOf } from '#data/grow/collect-fields.ts';
import { type RowFilter, rowFilter } from '#data/grow/collect-filter.ts';
import { fieldMapping } from './data-check-mapping.ts';
import { dollarAmount, unreadableFlag, wholeNumber } from './flag-values.ts';

export interface DataCollectFlags {
  readonly output: string;
  readonly to: string;
  readonly from?: string;
  readonly map?: Readonly<Record<string, string>>;
  readonly since?: number;
  readonly where?: readonly RowFilter[];
  readonly minimumFeedback?: number;
  readonly feedback?: string;
  readonly unanswered?: boolean;
  readonly against?: readonly string[];
  readonly task?: string;
  readonly metric?: string;
  readonly minimum?: number;
  readonly rows?: number;
  readonly keepPrompt?: boolean;
  readonly keepPersonalData?: boolean;
  readonly fromStore?: boolean;
  readonly rung?: string;
  readonly ask?: boolean;
  readonly dryRun?: boolean;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function addDataCollectFlags(command: Command): Command {
  return command
    .requiredOption('-o, --output <file>', 'where the rows are written')
    .option('--to <format>', 'format to write', 'rung')
    .option('--from <format>', 'format of the log, where it should not be found out')
    .option('--map <field=path>', 'where a field lies in logs of any form, as input=request.body.prompt; may be repeated', fieldMapping)
    .option('--since <date>', 'only rows logged then or later, as 2026-05-01', timeValue)
    .option('--where <condition>', 'only rows of which that holds, as model=gpt-5-mini or metadata.turns>=2; may be repeated', condition)
    .option('--minimum-feedback <score>', 'only rows whose feedback is at least that; thumbs are 1 and 0', numberValue)
    .option('--feedback <field>', 'where the feedback lies, where it should not be found out')
    .option('--unanswered', 'take rows without an answer too, to be labelled')
    .option('--against <files...>', 'files whose rows are there already')
    .option('--task <task>', 'task whose metric says which answers are good; its examples are there already')
    .option('--metric <id>', 'which of its metrics; the first that scores rows where absent')
    .option('--minimum <score>', 'the least score, or the most where lower is better; 1 where absent', numberValue)
    .option('--rows <n>', 'so many rows, as different as possible', wholeNumber)
    .option('--keep-prompt', 'leave a prompt of the system that most rows share in them')
    .option('--keep-personal-data', 'store secrets and personal data as they are')
    .option('--from-store', 'take good answers of a rung from the store of the task that is named')
    .option('--rung <name or id>', 'with --from-store: the rung, or the id of a stored candidate')
    .option('--ask', 'with --from-store: ask for the answers that are not in the store')
    .option('--dry-run', 'say what would be collected, called and paid; write and call nothing')
    .option('--budget <dollars>', 'stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'rows in flight', wholeNumber)
    .option('--seed <n>', 'what is drawn is drawn from this', wholeNumber, 1)
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces');
}

function condition(text: string, earlier: readonly RowFilter[] = []): readonly RowFilter[] {
  return [...earlier, rowFilter(text)];
}

function timeValue(text: string): number {
  const time = timeOf(text.trim());
  if (time !== undefined) return time;
  throw unreadableFlag(`${JSON.stringify(text)} is no date.`, 'Write it as 2026-05-01 or 2026-05-01T09:00:00Z.');
}

function numberValue(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not a number.`, 'Write it as 0.8.');
}
