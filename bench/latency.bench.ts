// Time to the first token against the length of the prompt: the embedded model, or any server that speaks OpenAI's chat
// API (--base-url URL --model NAME). The service is asked for one token, so that its answer is its first token.
import { parseArgs } from 'node:util';
import { pluginById } from '../src/core/plugins.ts';
import { defaultPlugins } from '../src/default-plugins.ts';
import { bootstrap } from '../src/statistics/bootstrap.ts';
import { quantileOfRows } from '../src/statistics/quantile.ts';

const words = ['invoice', 'parcel', 'refund', 'login', 'meeting', 'window', 'garden', 'report'];
const sizes = [10, 25, 50, 100, 200, 300];
const confidence = 0.95;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { 'base-url': { type: 'string' }, model: { type: 'string' }, rounds: { type: 'string', default: '40' } },
  });
  const rounds = Number(values.rounds);
  const baseUrl = values['base-url'];
  const plugins = defaultPlugins();
  try {
    const provider = pluginById('provider', plugins.providers, baseUrl === undefined ? 'nano' : 'openai-compatible');
    const model = await provider.open({
      model: values.model ?? '',
      settings: baseUrl === undefined ? {} : { baseUrl },
      taskFolder: process.cwd(),
      environment: process.env,
    });
    const signal = new AbortController().signal;
    const tokens: number[] = [];
    const milliseconds: number[] = [];
    console.log(
      `${model.name}: time to the first token, medians of ${rounds} with their ${confidence * 100} % intervals (order statistics)`,
    );
    for (const size of sizes) {
      const here = new Float64Array(rounds);
      let prompt = 0;
      for (let round = 0; round < rounds; round++) {
        // begins differently each time, so that no cached prompt helps
        const content = Array.from({ length: size }, (_, index) => words[(index * 7 + round * 3 + (index >> 3)) % words.length]).join(' ');
        const begun = performance.now();
        const { usage, latencyMs } = await model.generate(
          { messages: [{ role: 'user', content: `${round} ${content}` }], maxOutputTokens: 1, temperature: 0 },
          { signal },
        );
        here[round] = latencyMs ?? performance.now() - begun;
        prompt += (usage?.inputTokens ?? Number.NaN) / rounds;
        tokens.push(usage?.inputTokens ?? Number.NaN);
        milliseconds.push(here[round]!);
      }
      const { value, low, high } = quantileOfRows(here, 0.5, { confidence })!;
      const end = (bound: number | null) => (bound === null ? '?' : bound.toFixed(2));
      console.log(
        `  ${prompt.toFixed(0).padStart(5)} prompt tokens  ${value.toFixed(2).padStart(8)} ms (${end(low)} to ${end(high)}, n ${rounds})`,
      );
    }
    if (tokens.some(Number.isNaN)) return;
    const slope = bootstrap(tokens.length, (rows) => slopeOf(rows, tokens, milliseconds), { confidence, seed: 1 });
    const per100 = (perToken: number) => (100 * perToken).toFixed(3);
    console.log(
      `  100 more prompt tokens take ${per100(slope.value)} ms (${per100(slope.low)} to ${per100(slope.high)}, n ${tokens.length}, least squares, bca bootstrap)`,
    );
    await model.close?.();
  } finally {
    await plugins.close();
  }
}

/** Milliseconds a token, by least squares over these rows. */
function slopeOf(rows: Int32Array, tokens: readonly number[], milliseconds: readonly number[]): number {
  const mean = (values: readonly number[]) => rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  const [x, y] = [mean(tokens), mean(milliseconds)];
  let both = 0;
  let squares = 0;
  for (const row of rows) {
    both += (tokens[row]! - x) * (milliseconds[row]! - y);
    squares += (tokens[row]! - x) ** 2;
  }
  return squares === 0 ? 0 : both / squares;
}
