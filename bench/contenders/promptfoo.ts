// promptfoo's own evaluate(), cache off, on the same rows.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [port, rows, concurrency] = process.argv.slice(2).map(Number) as [number, number, number];
const require = createRequire(join(process.env['PROMPTFOO_FOLDER'] ?? '.', 'index.js'));
const { default: promptfoo } = await import(pathToFileURL(require.resolve('promptfoo')).href);
const log = console.log;
console.log = () => {};
const tests = Array.from({ length: rows }, (_, i) => ({
  vars: { n: String(i) },
  assert: [{ type: 'equals', value: i % 2 === 0 ? 'yes' : 'no' }],
}));
const begun = performance.now();
const result = await promptfoo.evaluate(
  {
    prompts: ['Is the number even?\nAnswer with one of: yes, no.\nNumber {{n}}'],
    providers: [{ id: 'openai:chat:bench', config: { apiBaseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'none' } }],
    tests,
    writeLatestResults: false,
  },
  { maxConcurrency: concurrency, cache: false, showProgressBar: false },
);
const seconds = (performance.now() - begun) / 1000;
const { stats } = await result.toEvaluateSummary();
if (stats.successes + stats.failures !== rows) throw new Error(`promptfoo: ${JSON.stringify(stats)}`);
log(JSON.stringify({ seconds, peakKilobytes: process.resourceUsage().maxRSS }));
process.exit(0);
