import { inputError, messageOf, RungError } from '#core/errors.ts';

/** Why a file could not be written, and what to do. */
export function storageError(cause: unknown, file: string): RungError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOSPC') {
    return new RungError({
      code: 'disk-full',
      message: 'The disk is full.',
      hint: 'Free some room and run the same command again.',
      place: { file },
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return inputError({
      code: 'not-writable',
      message: 'The file cannot be written.',
      hint: 'Make its folder writable, or work on a copy.',
      place: { file },
      cause,
    });
  }
  return new RungError({ code: 'write-failed', message: `The file cannot be written: ${messageOf(cause)}.`, place: { file }, cause });
}
