import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inputError, messageOf, RungError } from '#core/errors.ts';
import type { Plugins } from '#core/plugins.ts';
import { writeFailure } from '#data/write-failure.ts';
import { takeLock } from '#jobs/process-lock.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { basesOf } from './bases.ts';
import type { ServeConfig } from './config.ts';
import { openFileStore } from './file-store.ts';
import type { JobContext } from './job-context.ts';
import { openJobQueue } from './job-queue.ts';
import { openRecordFolder } from './record-folder.ts';
import { readServedJob, type ServedJob } from './served-job.ts';
import { openServedModels } from './served-models.ts';
import { createServer } from './server.ts';

export interface GatewayOptions {
  /** Folder that everything is kept in. */
  readonly state: string;
  readonly config: ServeConfig;
  readonly plugins: Pick<Plugins, 'providers' | 'trainers'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What callers must show; without one only this machine may ask. */
  readonly key?: string;
  /** Origins whose pages may ask. */
  readonly origins?: readonly string[];
  /** A line for whoever runs the server; never holds a key or what was asked. */
  log(line: string): void;
  /** Milliseconds since 1970. */
  now?(): number;
}

export interface Gateway {
  /** Where clients point their base URL: ends in /v1. */
  readonly baseUrl: string;
  readonly port: number;
  /** Ends it: requests in work are answered, and jobs stay resumable. */
  close(): Promise<void>;
}

/** Longest that requests in work are waited for at the end, in milliseconds. */
const farewellMs = 10_000;

/** Starts the jobs API. Throws a usage error where the port is taken or the state is another server's. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { state, config, plugins, environment, log, now = Date.now } = options;
  const startedAt = Math.floor(now() / 1000);
  await mkdir(state, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, state);
  });
  const lock = await takeLock(state, now);
  if (lock === undefined) throw otherServer(state);
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  const end = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const artefacts = openArtefacts(state);
    const bases = basesOf(config, plugins, environment);
    const context: JobContext = {
      records: await openRecordFolder<ServedJob>(join(state, 'jobs'), readServedJob, (one, other) => one.createdAt - other.createdAt),
      files: await openFileStore(join(state, 'files'), now),
      ...{ bases, artefacts, config, environment, folder: state, now, log },
    };
    const models = openServedModels({ config, bases, artefacts, context, startedAt, seed: () => randomInt(2 ** 31 - 1) });
    closing.push(() => models.close());
    const queue = await openJobQueue(context);
    const server = await createServer({
      ...{ context, queue, models, log, now },
      rules: { key: options.key, origins: options.origins ?? [] },
    });
    closing.push(() => queue.stop());
    closing.push(async () => {
      const late = setTimeout(() => server.server.closeAllConnections(), farewellMs);
      await server.close();
      clearTimeout(late);
    });
    await server.listen({ port: options.port, host: options.host }).catch((error: unknown) => {
      throw portFault(error, options);
    });
    queue.look();
    const { port } = server.server.address() as AddressInfo;
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    return { baseUrl: `http://${host}:${port}/v1`, port, close: end };
  } catch (error) {
    await end();
    throw error;
  }
}

function otherServer(state: string): RungError {
  return new RungError({
    code: 'serve-locked',
    message: 'Another server is at work on this state.',
    hint: 'Stop it, or start this one with another --state.',
    place: { file: state },
  });
}

function portFault(error: unknown, { port, host }: GatewayOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'may not be used' : undefined;
  if (why !== undefined) {
    return inputError({
      code: 'port-taken',
      message: `Port ${port} ${why}.`,
      hint: 'Name another with --port; 0 takes any that is free.',
      cause: error,
    });
  }
  if (code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND') return error;
  return inputError({
    code: 'host-unknown',
    message: `This machine has no address ${JSON.stringify(host)}: ${messageOf(error)}`,
    hint: 'Name one of its own with --host; 0.0.0.0 is all of them.',
    cause: error,
  });
}
