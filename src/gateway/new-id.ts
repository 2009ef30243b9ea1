import { randomBytes } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A name nobody can guess: the prefix and letters and digits alone, 24 of them unless told. */
export function newId(prefix: string, length = 24): string {
  let id = prefix;
  while (id.length < prefix.length + length) {
    // bytes past the last whole alphabet would make its first letters likelier
    for (const byte of randomBytes(length))
      if (byte < 4 * alphabet.length && id.length < prefix.length + length) id += alphabet[byte % alphabet.length];
  }
  return id;
}
