import { Pool } from 'undici';
import { ModelError } from '#core/model-error.ts';
import { ExchangeError, exchange } from './exchange.ts';
import { handedAddress } from './handed-address.ts';
import { replyError, type ServiceIdentity, transportError } from './service-error.ts';

export interface DownloadOptions {
  /** The service that handed the address out. */
  readonly from?: URL;
  readonly identity: ServiceIdentity;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly mostBytes: number;
  /** Takes each piece as it comes, so that nothing need be held. */
  onBytes(chunk: Buffer): void;
}

/**
 * The content of an address that a service handed out, as its signed links: asked for without any key. Throws a ModelError as
 * every call does, also where the address is none that `handedAddress` takes or where more than `mostBytes` come.
 */
export async function download(address: string, options: DownloadOptions): Promise<void> {
  const { identity, timeoutMs, mostBytes } = options;
  const url = handedAddress(address, options.from, identity);
  const pool = new Pool(url.origin, { connections: 1 });
  const tooLong = new AbortController();
  let bytes = 0;
  try {
    const reply = await exchange(pool, {
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: [],
      timeoutMs,
      signal: AbortSignal.any([options.signal, tooLong.signal]),
      onBytes(chunk) {
        bytes += chunk.length;
        if (bytes <= mostBytes) return options.onBytes(chunk);
        const message = `${identity.name} handed out a file of more than ${mostBytes} bytes.`;
        tooLong.abort(new ModelError({ kind: 'rejected', message }));
      },
    });
    if (reply.status < 200 || reply.status >= 300) throw replyError(reply, identity, options.now);
  } catch (error) {
    if (error instanceof ExchangeError) throw transportError(error, identity, error.answering);
    throw error;
  } finally {
    await pool.destroy();
  }
}
