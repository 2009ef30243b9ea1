// Kills a climb, training included, at random moments (SIGKILL), resumes it, and checks that the verdict equals the
// uninterrupted one and that no request whose answer had been delivered before the kill was sent again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '../src/index.ts';
import { startFaultServer } from '../src/testing.ts';

const command = join(import.meta.dirname, '..', 'bin', 'rung.js');
/** Between an answer's last byte and its place in the store. */
const onItsWayMs = 5;
const labels = ['red', 'green', 'blue'] as const;

/** `--kills 30` */
export async function run(args: readonly string[]): Promise<void> {
  const kills = Number(args[args.indexOf('--kills') + 1 || args.length] ?? '30');
  const reference = await climbs([]);
  console.error(`uninterrupted: ${(reference.milliseconds / 1000).toFixed(1)} s, ${reference.sent} requests`);
  let differing = 0;
  let sentAgain = 0;
  for (let kill = 0; kill < kills; kill++) {
    // one moment in each thirtieth of the climb, so that every stage is hit
    const moment = ((kill + Math.random()) / kills) * reference.milliseconds;
    const resumed = await climbs([moment]);
    const same = comparable(resumed.verdict) === comparable(reference.verdict);
    if (!same) differing++;
    sentAgain += resumed.sentAgain;
    console.error(
      `kill ${kill + 1} at ${(moment / 1000).toFixed(1)} s: ${same ? 'same verdict' : 'ANOTHER VERDICT'}, ${resumed.sentAgain} sent again`,
    );
  }
  console.log(
    `${kills} kills: ${differing} verdicts differ, ${sentAgain} requests delivered ${onItsWayMs} ms or more before a kill were sent again`,
  );
  if (differing + sentAgain > 0) process.exitCode = 1;
}

/** Runs a climb in a new folder, killing it at each moment and starting it again, to its end. */
async function climbs(moments: readonly number[]): Promise<{ verdict: Verdict; milliseconds: number; sent: number; sentAgain: number }> {
  // right on two thirds of the rows, by a rule that does not depend on order
  const server = await startFaultServer({ thinkMs: 20, answer: ({ messages }) => labelOf(messages.at(-1)?.content ?? '', 3) });
  const folder = await mkdtemp(join(tmpdir(), 'rung-kill-'));
  try {
    await writeTask(folder, server.baseUrl);
    const deliveredBefore = new Set<string>();
    let sentAgain = 0;
    for (const moment of moments) {
      const child = start(folder);
      await Promise.race([once(child, 'exit'), sleep(moment)]);
      // what the server has written in the very moment of the kill is still on its way, and nobody is left to read it
      for (const [body, { delivered }] of server.tallies) if (delivered > 0) deliveredBefore.add(body);
      await sleep(onItsWayMs);
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await sleep(50);
    }
    const receivedBefore = new Map([...server.tallies].map(([body, { received }]) => [body, received]));
    const begun = performance.now();
    const child = start(folder);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    const milliseconds = performance.now() - begun;
    if (![0, 3, 4].includes(code)) throw new Error(`the climb ended with ${code}: ${out}`);
    for (const body of deliveredBefore) sentAgain += (server.tallies.get(body)?.received ?? 0) - (receivedBefore.get(body) ?? 0);
    return { verdict: JSON.parse(out) as Verdict, milliseconds, sent: server.totals().received, sentAgain };
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function start(folder: string) {
  return spawn(process.execPath, [command, 'climb', folder, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, CI: 'true' },
  });
}

/** The verdict without what a clock measured. */
function comparable(verdict: Verdict): string {
  const rungs = verdict.rungs.map(({ latencyMs, setup, ...rung }) => ({ ...rung, service: undefined, setup: setup.dollars }));
  return JSON.stringify({ ...verdict, rungs, spent: undefined });
}

function labelOf(text: string, wrongEvery: number): string {
  const number = Number(/\d+/.exec(text)?.[0] ?? '0');
  return labels[(number % wrongEvery === 0 ? number + 1 : number) % labels.length] as string;
}

async function writeTask(folder: string, baseUrl: string): Promise<void> {
  const rows = Array.from({ length: 300 }, (_, i) => {
    const label = labels[i % labels.length] as string;
    return JSON.stringify({
      id: `e${i}`,
      input: `item ${i} has the colour of ${{ red: 'fire', green: 'grass', blue: 'water' }[label]}`,
      expected: label,
    });
  });
  await writeFile(join(folder, 'examples.jsonl'), `${rows.join('\n')}\n`);
  await writeFile(
    join(folder, 'task.yaml'),
    `name: kill
instructions: Say the colour of the item.
output: { labels: [red, green, blue] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${baseUrl}", concurrency: 8 } }
models: { base: local/mock, small: nano }
prices: { local/mock: { inputPerMillion: 1, outputPerMillion: 2 } }
metrics: [accuracy, format]
goals: { accuracy: ">= 0.9" }
ladder:
  - zero-shot
  - few-shot
  - { rung: zero-shot, name: small-zero-shot, model: small }
  - { rung: fine-tuned, model: small, epochs: 3 }
`,
  );
}
