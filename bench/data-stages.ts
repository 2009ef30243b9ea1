// Runs `rung data check`, `dedupe` and `split` on a file in this one process; prints seconds, CPU seconds and peak memory of each as JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { runCommandLine } from '../src/cli/command-line.ts';

const [file = '', folder = '', wanted = 'check,dedupe,split'] = process.argv.slice(2);
const clean = join(folder, 'clean.jsonl');
const commands: Readonly<Record<string, readonly string[]>> = {
  check: ['data', 'check', file, '--json'],
  dedupe: ['data', 'dedupe', file, '-o', clean, '--json'],
  split: ['data', 'split', clean, '-o', join(folder, 'split'), '--json'],
};
const stages: Record<string, object> = {};
for (const stage of wanted.split(',')) {
  resetPeak();
  const before = process.cpuUsage();
  const begun = performance.now();
  const pieces: string[] = [];
  const stdout = new Writable({ write: (chunk, _encoding, done) => done(void pieces.push(String(chunk))) });
  const code = await runCommandLine(commands[stage]!, {
    stdout,
    stderr: new PassThrough().resume(),
    environment: process.env,
    workingFolder: folder,
    onInterrupt: () => {},
  });
  const seconds = (performance.now() - begun) / 1000;
  const cpu = process.cpuUsage(before);
  writeFileSync(join(folder, `${stage}.json`), pieces.join(''));
  stages[stage] = { code, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, peakMegabytes: peak() };
}
process.stdout.write(`${JSON.stringify(stages)}\n`);

/** The kernel's high-water mark of this process and its threads (Linux). */
function peak(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
}

function resetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5');
}
