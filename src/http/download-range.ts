import { badResponse, type ServiceIdentity, type ServiceReply } from './service-error.ts';

export type DownloadReply = Pick<ServiceReply, 'status' | 'headers'>;

/**
 * Where the bytes of a successful reply begin, and how many the whole has (undefined where the server does not say). A partial
 * reply (206; RFC 9110, 14.4) must go on from the bytes that are `kept`; throws a ModelError where it does not.
 */
export function startOf({ status, headers }: DownloadReply, kept: number, identity: ServiceIdentity): { from: number; total?: number } {
  if (status !== 206) {
    const length = Number(headers['content-length'] ?? Number.NaN);
    return { from: 0, ...(Number.isSafeInteger(length) && length >= 0 ? { total: length } : {}) };
  }
  const range = /^bytes (?<first>\d+)-(?<last>\d+)\/(?<total>\d+|\*)$/.exec(String(headers['content-range']))?.groups;
  if (Number(range?.['first']) !== kept) throw badResponse(identity, 'it goes on elsewhere than it was asked to', status);
  const total = Number(range?.['total']);
  return { from: kept, ...(Number.isSafeInteger(total) ? { total } : {}) };
}

/** The strong entity tag of a reply, by which a later one is known to be of the same file; a weak one does not tell (RFC 9110, 8.8.1). */
export function validatorOf(headers: ServiceReply['headers']): string | undefined {
  const tag = headers['etag'];
  return typeof tag === 'string' && /^"[\x21\x23-\x7e]+"$/.test(tag) ? tag : undefined;
}
