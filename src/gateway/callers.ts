import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { WireError } from './wire-error.ts';

export interface CallerRules {
  /** What callers must show; without one only this machine may ask. */
  readonly key: string | undefined;
  /** Origins whose pages may ask. */
  readonly origins: readonly string[];
}

/**
 * Refuses whoever may not ask. Without a key the server is for programs of this machine: a page of another site reaches
 * 127.0.0.1 through the browser, so requests whose Host is no name of this machine, or whose Origin was not let in, are refused.
 */
export function checkCaller({ authorization, host, origin }: IncomingHttpHeaders, { key, origins }: CallerRules): void {
  if (origin !== undefined && !origins.includes(origin)) {
    throw new WireError(403, 'Pages of other origins may not ask here. Let one in with --allow-origin.', { code: 'origin_not_allowed' });
  }
  if (key === undefined) {
    if (isThisMachine(host)) return;
    throw new WireError(403, 'This server answers under the names of this machine alone: 127.0.0.1, localhost.', {
      code: 'host_not_allowed',
    });
  }
  const shown = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (shown === undefined) {
    throw new WireError(401, 'You did not provide an API key. Send it as the header Authorization: Bearer KEY.', {
      code: 'missing_api_key',
    });
  }
  if (!isSame(shown, key)) throw new WireError(401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
}

/** True for the names and addresses under which only this machine reaches itself, with a port or without. */
export function isThisMachine(host: string | undefined): boolean {
  const name = (host ?? '')
    .toLowerCase()
    .replace(/^\[?::1\]?(?=:|$)/, 'localhost')
    .replace(/:\d+$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name);
}

// digests are of one length, whatever was shown
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
