import { ModelError } from '#core/model-error.ts';
import type { ServiceIdentity } from './service-error.ts';

/**
 * An address that a service handed out or points on to; `from` is the one that was asked. Throws a ModelError where it is none of
 * http, or leads from https to where all can read along; the address, which may be signed, is not repeated.
 */
export function handedAddress(text: string, from: URL | undefined, { name }: ServiceIdentity): URL {
  const url = URL.canParse(text, from?.href) ? new URL(text, from?.href) : undefined;
  if (url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && from?.protocol !== 'https:'))) return url;
  throw new ModelError({ kind: 'rejected', message: `${name} handed out an address that cannot be read or is not safe.` });
}
