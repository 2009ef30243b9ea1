import { Writable } from 'node:stream';
import { runCommandLine } from '../src/cli/command-line.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process, as a pipe would see it. */
export async function rung(
  args: readonly string[],
  options: { workingFolder?: string; onInterrupt?: (listener: () => void) => void } = {},
): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  const collect = (name: keyof typeof texts) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        texts[name] += chunk.toString();
        done();
      },
    });
  const code = await runCommandLine(args, {
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    environment: { CI: 'true' },
    workingFolder: options.workingFolder ?? process.cwd(),
    onInterrupt: options.onInterrupt ?? (() => {}),
  });
  return { code, ...texts };
}
