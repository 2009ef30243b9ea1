import { defaultRetryPolicy } from '#engine/backoff.ts';
import { Budget } from '#engine/budget.ts';
import { systemClock } from '#engine/clock.ts';
import { Meter } from '#engine/meter.ts';
import { meterModel } from '#engine/metered-model.ts';
import { openaiCompatible } from '#providers/openai-compatible.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { type Fault, randomFaults, startFaultServer } from '#testing.ts';
const { signal } = new AbortController();
const faults: Fault[] = [
  { kind: 'rate-limited' }, { kind: 'rate-limited', retryAfterSeconds: 0.05 }, { kind: 'server-error' }, { kind: 'server-error', status: 503 }, { kind: 'no-answer' }, { kind: 'connection-reset' }, { kind: 'truncated' }, { kind: 'invalid-json' }, { kind: 'empty-choices' }, { kind: 'missing-content' }, { kind: 'wrong-content-type' }, { kind: 'slow-drip', millisecondsPerByte: 10 },
].filter((f) => process.argv[2] === 'all' || process.argv[2]!.split(',').includes(f.kind)) as Fault[];
const server = await startFaultServer({ faults: randomFaults({ seed: 3, probability: 0.4, faults }), answer: () => 'x' });
const model = await openaiCompatible.open({ model: 'test', settings: { baseUrl: server.baseUrl, stream: process.argv[3] === 's', timeoutMs: 250, concurrency: 32 }, taskFolder: '.', environment: {} });
const store = await openSqliteStore(':memory:'); const meter = new Meter(); const budget = new Budget({});
const took: Record<string, number[]> = {};
const wrapped = { ...model, async generate(r: any, o: any) { const t = performance.now(); try { return await model.generate(r, o); } catch (e: any) { (took[`${e.kind} ${e.message.slice(0, 60)}`] ??= []).push(performance.now() - t); throw e; } } };
const useEngine = process.argv[4] !== 'raw';
const c = meterModel({ model: wrapped, store, budget, meter, retryPolicy: { ...defaultRetryPolicy, firstWaitMs: 2, longestWaitMs: 20 }, clock: systemClock });
const t = performance.now(); let done = 0;
setInterval(() => console.log((performance.now() - t).toFixed(0), done, server.totals(), meter.retries), 3000).unref();
await Promise.all(Array.from({ length: 200 }, async (_, i) => { if (useEngine) await c.generate({ messages: [{ role: 'user', content: `row ${i}` }] }, { signal }); else { for (let a = 0; a < 8; a++) try { await wrapped.generate({ messages: [{ role: 'user', content: `row ${i}` }] }, { signal }); break; } catch {} } done++; }));
console.log('done', (performance.now() - t).toFixed(0), 'ms');
for (const [k, v] of Object.entries(took)) console.log(k, v.length, 'mean', (v.reduce((a, b) => a + b) / v.length).toFixed(0), 'max', Math.max(...v).toFixed(0));
process.exit();
