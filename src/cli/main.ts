import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from './command-line.ts';

// V8 lets its heap grow to several times what is alive; a run of 100,000 rows then takes 500 MB for 90 MB of data
setFlagsFromString('--heap-growing-percent=10');

// a reader that has seen enough, as `head`, closes the pipe: that is no fault, and nobody is left to tell
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// started by bin/rung.js on an older Node: end with the process that the user sees and stops
process.on('disconnect', () => process.exit(137));
process.channel?.unref();

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  workingFolder: process.cwd(),
  onInterrupt(listener) {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
  },
});
