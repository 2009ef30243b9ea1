import { inputError, messageOf, RungError } from '#core/errors.ts';

/** Why a data file could not be written, and what to do; errors that are no file's stay as they are. */
export function writeFailure(cause: unknown, file: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const place = { file };
  if (RungError.is(cause) || !/^E[A-Z]+$/.test(code)) return cause;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new RungError({
      code: 'disk-full',
      message: 'The disk is full; nothing was written, and what stood there before is untouched.',
      hint: 'Free some room and run the same command again.',
      place,
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return inputError({
      code: 'not-writable',
      message: 'The file cannot be written.',
      hint: 'Make its folder writable, or name another.',
      place,
      cause,
    });
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return inputError({
      code: 'folder-missing',
      // Node says the same of a folder that a read-only file system does not let it make
      message: 'The folder of the file does not exist and cannot be made.',
      hint: 'Create it, make what it lies in writable, or name another.',
      place,
      cause,
    });
  }
  if (code === 'EISDIR') {
    return inputError({ code: 'is-folder', message: 'There is a folder of that name.', hint: 'Name a file.', place, cause });
  }
  return new RungError({ code: 'write-failed', message: `The file cannot be written: ${messageOf(cause)}.`, place, cause });
}
