import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Json } from '#core/json.ts';
import type { RuleSetting } from '#data/check-data.ts';
import { fieldMapping } from './data-check-mapping.ts';
import { commaList, unreadableFlag, wholeNumber } from './flag-values.ts';

export interface DataCheckFlags {
  readonly from?: string;
  readonly map?: Readonly<Record<string, string>>;
  readonly maxRowBytes?: number;
  readonly context?: number;
  readonly model?: string;
  readonly labels?: readonly string[];
  readonly against?: readonly string[];
  readonly traffic?: string;
  readonly covers?: readonly string[];
  readonly for?: readonly string[];
  readonly purpose?: string;
  readonly decision?: string;
  readonly rule?: ReadonlyMap<string, RuleSetting>;
  readonly sample?: number;
  readonly epochs: number;
  readonly seed: number;
  readonly json?: boolean;
  readonly sarif?: string;
  readonly report?: string;
  readonly showTraining?: number;
  readonly fix?: boolean;
  readonly output?: string;
  readonly inPlace?: boolean;
  readonly undo?: string;
}

const settings: readonly RuleSetting[] = ['off', 'info', 'warning', 'error'];

export function addDataCheckFlags(command: Command): Command {
  return command
    .option('--from <format>', 'format of the rows, where it should not be found out')
    .option('--map <field=path>', 'where a field lies in logs of any form, as input=request.body.prompt; may be repeated', fieldMapping)
    .option('--max-row-bytes <n>', 'bytes of the longest row that is read; 16777216 where absent', wholeNumber)
    .option('--model <name>', 'model to be trained, whose tokenizer counts: nano, openai/gpt-4o-mini, …; else 4 bytes a token')
    .option('--context <tokens>', "tokens that the model reads at most; nano's where the model is nano", wholeNumber)
    .option('--labels <names>', 'the answers there may be, with commas between', commaList)
    .option('--against <files...>', 'other splits, or files of benchmarks, that must not share rows with this one')
    .option('--traffic <file>', 'a sample of what is asked in use, for what the data misses')
    .option('--covers <words>', 'what the questions should be about, words or phrases with commas between', commaList)
    .option(
      '--for <services>',
      'services whose limits to hold it against: openai, together, fireworks, mistral, bedrock, google',
      commaList,
    )
    .addOption(
      new Option('--purpose <kind>', 'what training is to change').choices(['style', 'task', 'domain', 'behaviour']).default('task'),
    )
    .option('--decision <file>', "a task's decision.json, for its learning curve")
    .option('--rule <id=setting>', 'off, info, warning or error for a rule; off for a check; may be repeated', ruleSetting)
    .option('--sample <share>', 'read only that share of the rows, as 0.1; numbers then carry an interval', share)
    .option('--epochs <n>', 'epochs that training is priced at', wholeNumber, 3)
    .option('--seed <n>', 'what is drawn is drawn from this', wholeNumber, 1)
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--sarif <file>', 'write the findings as SARIF 2.1.0, for CI')
    .option('--report <file>', 'write a page that needs nothing but itself')
    .option('--show-training <line>', 'show a row with what is learnt of it, by each trainer', wholeNumber)
    .option('--fix', 'mend what can be mended without guessing; with -o or --in-place')
    .option('-o, --output <file>', 'where --fix and --undo write')
    .option('--in-place', 'let --fix and --undo replace the file; the changes are written beside it')
    .option('--undo <changes>', 'take the changes of an earlier --fix back')
    .option('--debug', 'show stack traces');
}

/** What the checks are told, of the flags; files by their whole path. */
export function checkSettings(
  flags: DataCheckFlags,
  workingFolder: string,
  more: { readonly context?: number | undefined; readonly curve?: Json | undefined },
): Record<string, Json | undefined> {
  return {
    context: flags.context ?? more.context,
    labels: flags.labels,
    against: flags.against?.map((file) => resolve(workingFolder, file)),
    traffic: flags.traffic === undefined ? undefined : resolve(workingFolder, flags.traffic),
    covers: flags.covers,
    vendors: flags.for,
    purpose: flags.purpose,
    model: flags.model,
    curve: more.curve,
    sampled: flags.sample !== undefined,
  };
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not a share of the rows.`, 'Write a number above 0 and at most 1, as 0.1.');
}

function ruleSetting(text: string, earlier: ReadonlyMap<string, RuleSetting> = new Map()): ReadonlyMap<string, RuleSetting> {
  const [rule = '', wanted = ''] = text.split('=');
  const setting = settings.find((one) => one === wanted.trim());
  if (rule.trim() === '' || setting === undefined) {
    throw unreadableFlag(
      `${JSON.stringify(text)} is not a setting of a rule.`,
      'Write it as empty-turn=off, or with info, warning or error.',
    );
  }
  return new Map([...earlier, [rule.trim(), setting]]);
}
