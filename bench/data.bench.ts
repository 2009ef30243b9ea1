// A million generated chat rows, about a gigabyte, checked, deduplicated and split in one process; beside it, on the same rows, datasketch's
// near-duplicates and tiktoken's counts. Recall and precision against the planted pairs, by sets of the shingles themselves.
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { proportionEstimate } from '../src/statistics/proportion.ts';
import { writeChatRows } from './data/chat-rows.ts';
import { type FoundPair, scorePairs } from './data/score-pairs.ts';

const run1 = promisify(execFile);
const seed = 1;
const mostOutput = 2 ** 30;

interface Stage {
  readonly code: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

interface Contender extends Omit<Stage, 'code'> {
  readonly version: string;
  readonly bands: readonly [number, number];
  readonly pairs: readonly FoundPair[];
}

/** `--rows 1000000 --beside 100000 --python /path/to/python --stages check,dedupe,split --folder DIR` */
export async function run(args: readonly string[]): Promise<void> {
  const option = (name: string, otherwise: string) => args[args.indexOf(`--${name}`) + 1 || args.length] ?? otherwise;
  const rows = Number(option('rows', '1000000'));
  const beside = Math.min(rows, Number(option('beside', '100000')));
  const folder = await mkdtemp(join(option('folder', tmpdir()), 'rung-data-'));
  try {
    const file = join(folder, 'rows.jsonl');
    const bytes = await writeChatRows(file, rows, seed);
    console.log(
      `${rows.toLocaleString('en')} chat rows, ${(bytes / 1e9).toFixed(2)} GB, ${availableParallelism()} cores, Node ${process.version}`,
    );
    const stages = await runStages(file, folder, option('stages', 'check,dedupe,split'));
    for (const [stage, told] of Object.entries(stages)) console.log(stageLine(`rung data ${stage}`, told, rows));
    console.log(await stageDetail(folder));
    if ('dedupe' in stages) showPairs('rung', rows, await rungPairs(folder));
    const python = option('python', '');
    if (python !== '') await sideBySide(file, folder, rows, beside, python);
    await countTokens(file, Math.min(beside, 20_000), python);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runStages(file: string, folder: string, stages: string): Promise<Record<string, Stage>> {
  const script = join(import.meta.dirname, 'data-stages.ts');
  const { stdout } = await run1(process.execPath, [script, file, folder, stages], { maxBuffer: mostOutput });
  return JSON.parse(stdout) as Record<string, Stage>;
}

function stageLine(name: string, { seconds, cpuSeconds, peakMegabytes }: Omit<Stage, 'code'>, rows: number): string {
  const each = (1e6 * cpuSeconds) / rows;
  return `${name}: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU s (${each.toFixed(0)} µs a row), peak ${peakMegabytes.toFixed(0)} MB`;
}

/** Seconds of the parts of the commands, as their documents tell them. */
async function stageDetail(folder: string): Promise<string> {
  const read = async (name: string) =>
    JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8').catch(() => '{}')) as Record<string, unknown>;
  const { stages = [] } = (await read('dedupe')) as { stages?: { stage: string; seconds: number }[] };
  const { seconds } = (await read('check')) as { seconds?: { checks: Record<string, number> } };
  const checks = Object.entries(seconds?.checks ?? {}).sort(([, first], [, second]) => second - first);
  const text = (parts: readonly (readonly [string, number])[]) => parts.map(([name, took]) => `${name} ${took.toFixed(1)} s`).join(', ');
  return [
    ...(stages.length > 0 ? [`  dedupe: ${text(stages.map(({ stage, seconds: took }) => [stage, took] as const))}`] : []),
    ...(checks.length > 0 ? [`  check, the slowest: ${text(checks.slice(0, 6))}`] : []),
  ].join('\n');
}

/** Rows that Rung dropped, each with the row kept instead; numbers from 0. */
async function rungPairs(folder: string): Promise<FoundPair[]> {
  const { dropped } = JSON.parse(await readFile(join(folder, 'dedupe.json'), 'utf8')) as { dropped: { row: number; kept: number }[] };
  return dropped.map(({ row, kept }) => [row - 1, kept - 1]);
}

function showPairs(name: string, rows: number, pairs: readonly FoundPair[]): void {
  const { precision, recall } = scorePairs(pairs, rows, seed);
  const figure = ({ hits, of }: { hits: number; of: number }) => {
    const estimate = proportionEstimate(hits, of, 0.95);
    return estimate === undefined
      ? 'none'
      : `${estimate.value.toFixed(4)} (${estimate.low.toFixed(4)}–${estimate.high.toFixed(4)}, n ${of})`;
  };
  console.log(`${name}: precision ${figure(precision)}; recall ${figure(recall.all)}`);
  console.log(`  recall by Jaccard similarity: ${recall.bins.map((bin) => `${bin.from.toFixed(2)}+ ${figure(bin)}`).join('; ')}`);
}

async function sideBySide(file: string, folder: string, rows: number, beside: number, python: string): Promise<void> {
  const part = join(folder, 'part.jsonl');
  if (beside < rows) await writeChatRows(part, beside, seed);
  const same = beside < rows ? part : file;
  const own = (await runStages(same, folder, 'dedupe'))['dedupe']!;
  console.log(`\nside by side, ${beside.toLocaleString('en')} of the same rows`);
  console.log(stageLine('rung data dedupe', own, beside));
  showPairs('rung', beside, await rungPairs(folder));
  for (const unit of ['characters', 'words']) {
    const { stdout } = await run1(python, [join(import.meta.dirname, 'contenders', 'datasketch_near.py'), same, String(beside), unit], {
      maxBuffer: mostOutput,
    });
    const { version, bands, pairs, ...told } = JSON.parse(stdout) as Contender;
    console.log(stageLine(`datasketch ${version}, five ${unit}, ${bands.join(' bands of ')}`, told, beside));
    showPairs('datasketch', beside, pairs);
    console.log(
      `  rung is ${(told.seconds / own.seconds).toFixed(1)} times as fast by the clock, ${(told.cpuSeconds / own.cpuSeconds).toFixed(1)} times by CPU time`,
    );
  }
}

async function countTokens(file: string, rows: number, python: string): Promise<void> {
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  const texts: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { messages } = JSON.parse(line) as { messages: { content: string }[] };
    texts.push(...messages.map(({ content }) => content));
    if (texts.length >= 3 * rows) break;
  }
  const begun = performance.now();
  const tokens = texts.reduce((sum, text) => sum + count(text), 0);
  const seconds = (performance.now() - begun) / 1000;
  const line = (name: string, total: number, took: number) =>
    console.log(
      `${name}: ${total.toLocaleString('en')} tokens of ${rows.toLocaleString('en')} rows in ${took.toFixed(1)} s, ${(total / took / 1e6).toFixed(2)} million a second`,
    );
  console.log('');
  line('gpt-tokenizer', tokens, seconds);
  if (python === '') return;
  const ranks = createRequire(import.meta.url).resolve('gpt-tokenizer/data/o200k_base.tiktoken');
  const { stdout } = await run1(python, [join(import.meta.dirname, 'contenders', 'tiktoken_count.py'), file, String(rows), ranks]);
  const other = JSON.parse(stdout) as { version: string; tokens: number; seconds: number };
  line(`tiktoken ${other.version}`, other.tokens, other.seconds);
}
