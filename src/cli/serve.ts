import { join, resolve } from 'node:path';
import { exitCodes, inputError } from '#core/errors.ts';
import { isThisMachine } from '#gateway/callers.ts';
import { defaultPlugins } from '../default-plugins.ts';
import type { AddCommand } from './add-command.ts';
import { unreadableFlag, wholeNumber } from './flag-values.ts';
import { withDotEnv } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';

interface ServeFlags {
  readonly state: string;
  readonly port: number;
  readonly host: string;
  readonly config?: string;
  readonly allowOrigin?: readonly string[];
  readonly json?: boolean;
}

const keyVariable = 'RUNG_API_KEY';
/** Shorter keys can be guessed by trying. */
const shortestKey = 16;

/** `rung serve` */
export const serveCommand: AddCommand = (program, io, exit) => {
  program
    .command('serve')
    .description("serve models and fine-tuning jobs over OpenAI's API: files, jobs, events, checkpoints, chat")
    .option('--state <folder>', 'folder that files, jobs and tuned models are kept under, in .rung/serve', '.')
    .option('--port <n>', 'port; 0 takes any that is free', portNumber, 8787)
    .option('--host <address>', `address to listen on; another than this machine alone needs ${keyVariable}`, '127.0.0.1')
    .option('--config <file or task>', 'what is served and tuned: a YAML file, or a task folder; the embedded model where absent')
    .option('--allow-origin <origins...>', 'web pages of these origins may ask')
    .option('--json', 'print one JSON document with the address when ready')
    .option('--debug', 'show stack traces')
    .addHelpText('after', `\nThe key that callers must show stands in ${keyVariable}. See docs/serve.md.\n`)
    .action(async (flags: ServeFlags) => {
      await serve(flags, io);
      exit(exitCodes.done);
    });
};

async function serve(flags: ServeFlags, io: TerminalIo): Promise<void> {
  const environment = await withDotEnv(io);
  const key = readServeKey(environment[keyVariable], flags.host);
  // the server's libraries are nobody else's to wait for
  const [{ readServeConfig }, { openGateway }] = await Promise.all([import('#gateway/config.ts'), import('#gateway/gateway.ts')]);
  const config = await readServeConfig(flags.config, environment, io.workingFolder);
  const plugins = defaultPlugins();
  try {
    const gateway = await openGateway({
      state: join(resolve(io.workingFolder, flags.state), '.rung', 'serve'),
      ...{ config, plugins, environment, key, host: flags.host, port: flags.port },
      origins: flags.allowOrigin ?? [],
      log: (line) => io.stderr.write(`${line}\n`),
    });
    const interrupted = new Promise<void>((done) => io.onInterrupt(done));
    if (flags.json)
      io.stdout.write(`${JSON.stringify({ schema: 'rung.serve/1', baseUrl: gateway.baseUrl, port: gateway.port, pid: process.pid })}\n`);
    io.stderr.write(`Serving ${[...config.models, ...Object.keys(config.upstreams)].join(', ')} at ${gateway.baseUrl}\n`);
    await interrupted;
    io.stderr.write('Ending: requests in work are answered, jobs go on at the next start.\n');
    await gateway.close();
  } finally {
    await plugins.close();
  }
}

/** The key that callers must show. Throws a usage error where the address can be reached from elsewhere and there is none. */
function readServeKey(text: string | undefined, host: string): string | undefined {
  const key = text?.trim();
  if (key === undefined || key === '') {
    if (isThisMachine(host)) return undefined;
    throw inputError({
      code: 'serve-key',
      message: `Other machines can reach ${host}, and ${keyVariable} is not set.`,
      hint: `Set ${keyVariable} to a secret that callers send as Authorization: Bearer, or leave --host out.`,
    });
  }
  if (key.length >= shortestKey && /^[\x21-\x7e]+$/.test(key)) return key;
  throw inputError({
    code: 'serve-key',
    message: `The key in ${keyVariable} is shorter than ${shortestKey} characters, or holds some that no HTTP header can carry.`,
    hint: 'Make one with: openssl rand -hex 32',
  });
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port < 65_536) return port;
  throw unreadableFlag(`${JSON.stringify(text)} is not a port.`, 'Write a number up to 65535.');
}
