// Kills one training job of the embedded trainer at random moments (SIGKILL), resumes it each time, and checks that its
// adapter, its losses and every event are those of the run that nobody killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const script = join(import.meta.dirname, 'contenders', 'training-job.ts');

/** `--kills 10`: of one job, one after the other. */
export async function run(args: readonly string[]): Promise<void> {
  const kills = Number(args[args.indexOf('--kills') + 1 || args.length] ?? '10');
  const begun = performance.now();
  const whole = await inFolder((folder) => toEnd(folder));
  const seconds = (performance.now() - begun) / 1000;
  console.log(`uninterrupted, ${seconds.toFixed(0)} s: ${whole}`);
  const resumed = await inFolder(async (folder) => {
    for (let kill = 1; kill <= kills; kill++) {
      // on average a tenth of the job goes by between two kills, the start of the process besides
      const steps = await killedAfter(folder, 0.3 + Math.random() * 0.25 * seconds);
      console.error(` kill ${kill}${steps === 0 ? ', before its first step' : ''}`);
    }
    return toEnd(folder);
  });
  console.log(`killed ${kills} times:   ${resumed}`);
  console.log(resumed === whole ? 'the same to the last bit' : 'THEY DIFFER');
  if (resumed !== whole) process.exitCode = 1;
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-kill-training-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function toEnd(folder: string): Promise<string> {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`the training ended with ${code}`);
  return out.trim();
}

/** Steps that were told of before the kill; throws where the job ended first, for then nothing was killed. */
async function killedAfter(folder: string, seconds: number): Promise<number> {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  let steps = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    steps += chunk.toString().length;
    process.stderr.write(chunk);
  });
  const exit = once(child, 'exit');
  await Promise.race([exit, sleep(seconds * 1000)]);
  if (child.exitCode !== null) throw new Error('the job ended before it was killed often enough; ask for fewer kills');
  child.kill('SIGKILL');
  await exit;
  return steps;
}
