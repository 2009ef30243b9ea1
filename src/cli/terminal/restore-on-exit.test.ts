import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const module = new URL('./restore-on-exit.ts', import.meta.url).href;

/** Runs a program in a process of its own and gives what it wrote and how it ended. */
async function run(program: string, signal?: NodeJS.Signals) {
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { restoreOnExit } from ${JSON.stringify(module)};\n${program}`,
  ]);
  let written = '';
  child.stdout.on('data', (chunk) => {
    written += chunk;
    if (signal !== undefined && written === 'ready\n') child.kill(signal);
  });
  const [code, endedBy] = await once(child, 'close');
  return { written, code, endedBy };
}

const start = "const off = restoreOnExit(() => console.log('restored')); console.log('ready'); const wait = setInterval(() => {}, 1000);";

describe('restoreOnExit', () => {
  it('restores when the process ends by itself', async () => {
    expect(await run(`${start} process.exit(3);`)).toEqual({ written: 'ready\nrestored\n', code: 3, endedBy: null });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('restores and lets %s end the process', async (signal) => {
    expect(await run(start, signal)).toEqual({ written: 'ready\nrestored\n', code: null, endedBy: signal });
  });

  it('leaves the end to whoever else listens for the signal', async () => {
    const program = `process.on('SIGINT', () => { console.log('stopping'); off(); clearInterval(wait); }); ${start}`;
    expect(await run(program, 'SIGINT')).toEqual({ written: 'ready\nstopping\nrestored\n', code: 0, endedBy: null });
  });
});
