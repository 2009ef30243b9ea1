import { readFile, rm, stat } from 'node:fs/promises';
import { Pool } from 'undici';
import { ModelError } from '#core/model-error.ts';
import { ExchangeError, exchange } from './exchange.ts';
import { FileSink, tagFileOf } from './file-sink.ts';
import { handedAddress } from './handed-address.ts';
import { mostAttempts, retryDelayMs, type ServiceClock } from './service-client.ts';
import { badResponse, replyError, type ServiceIdentity, transportError } from './service-error.ts';

/** Where a file lies, and what its host is asked with. */
interface DownloadSource {
  readonly url: string;
  /** Sent to that address and to none that it points on to: a signed link needs no key, and its host must not see one. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FileDownload {
  /** Asked anew for each attempt, since signed links expire. */
  source(): Promise<DownloadSource>;
  /** The service that names the sources. */
  readonly from?: URL;
  /** What an earlier attempt left there is gone on with where the server can. */
  readonly file: string;
  readonly identity: ServiceIdentity;
  readonly clock: ServiceClock;
  readonly signal: AbortSignal;
  /** For the headers, and between two pieces; the whole may take longer. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
  /** Bytes that are here, and of how many; the latter is undefined where the server does not say. */
  onBytes(done: number, total: number | undefined): void;
}

const mostRedirects = 5;

/**
 * Brings the content of an address into a file; tries again, from where it broke off, whatever may pass. Rejects with a ModelError
 * as every call does, with the signal's reason, and with what the file system says.
 */
export async function downloadFile(options: FileDownload): Promise<void> {
  const { clock, signal } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOf(options);
    } catch (error) {
      signal.throwIfAborted();
      if (!ModelError.is(error) || !error.retryable || attempt + 1 >= mostAttempts) throw error;
      await clock.wait(retryDelayMs(attempt, error, clock.random()), signal);
    }
  }
}

/** Forgets what an attempt left, so that the next begins at the first byte. */
async function forget(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(tagFileOf(file), { force: true });
}

async function attemptOf(options: FileDownload): Promise<void> {
  const { file, from, identity } = options;
  const { url, headers } = await options.source();
  const tag = await readFile(tagFileOf(file), 'utf8').catch(() => '');
  const kept = tag === '' ? 0 : ((await stat(file).catch(() => undefined))?.size ?? 0);
  const range = kept === 0 ? [] : ['range', `bytes=${kept}-`, 'if-range', tag];
  let next = handedAddress(url, from, identity);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const own = hop === 0 ? headers : undefined;
    const location = await fetchInto({
      ...options,
      kept,
      url: next,
      headers: [...Object.entries(own ?? {}).flat(), ...range],
      isApi: !!own,
    });
    if (location === undefined) return;
    next = handedAddress(location, next, identity);
  }
  throw new ModelError({ kind: 'rejected', message: `${identity.name} handed out an address that points on and on.` });
}

interface Fetch extends Omit<FileDownload, 'source' | 'from'> {
  readonly url: URL;
  /** Name, value, name, value. */
  readonly headers: string[];
  /** True where it is the service's own: what is refused there is the key, else it is the link. */
  readonly isApi: boolean;
  readonly kept: number;
}

/** The address that is pointed on to; undefined once all is here. */
async function fetchInto(options: Fetch): Promise<string | undefined> {
  const { url, file, identity, timeoutMs, clock, kept, isApi } = options;
  const pool = new Pool(url.origin, { connections: 1, connect: { timeout: Math.min(timeoutMs, 10_000) } });
  const stop = new AbortController();
  const sink = new FileSink(options);
  const orStop = (act: () => void) => {
    try {
      act();
    } catch (error) {
      stop.abort(error);
    }
  };
  try {
    const reply = await exchange(pool, {
      ...{ method: 'GET', path: `${url.pathname}${url.search}`, headers: options.headers, timeoutMs, isLong: true },
      signal: AbortSignal.any([options.signal, stop.signal]),
      onHeaders: (status, headers) => orStop(() => status < 300 && sink.begin({ status, headers })),
      onBytes: (chunk) => orStop(() => sink.write(chunk)),
    });
    const { status, headers } = reply;
    const location = headers['location'];
    if (status >= 300 && status < 400 && typeof location === 'string') return location;
    if (status === 416) {
      // all of it is here already, or what is here is of another file
      if (String(headers['content-range']).endsWith(`/${kept}`)) return undefined;
      await forget(file);
      throw badResponse(identity, 'it does not go on from where the download broke off', status);
    }
    if ((status === 401 || status === 403) && !isApi)
      throw badResponse(identity, `the link that it handed out was refused (HTTP status ${status})`, status);
    if (status < 200 || status >= 300) throw replyError(reply, identity, clock.now());
    sink.end();
    return undefined;
  } catch (error) {
    if (error instanceof ExchangeError) throw transportError(error, identity, error.answering);
    throw error;
  } finally {
    sink.close();
    await pool.destroy();
  }
}
