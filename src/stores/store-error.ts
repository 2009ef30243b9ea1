import { messageOf, RungError } from '#core/errors.ts';

const notWritable = /READONLY|CANTOPEN|EACCES|EROFS|EPERM|EEXIST|ENOTDIR/;

const reasons: readonly (readonly [RegExp, string, string])[] = [
  [
    notWritable,
    'The task folder cannot be written to, and the store of answers lives there.',
    'Make the folder writable, or copy the task to one that is.',
  ],
  [
    /FULL|ENOSPC/,
    'The disk is full; what was answered so far is safe.',
    'Free some room and run the same command again: it goes on where it was.',
  ],
  [/BUSY|LOCKED/, 'Another run is writing to this store.', 'Wait for it to end, or stop it.'],
  [/CORRUPT|NOTADB/, 'The store file is damaged.', 'Move the .rung folder away; the run then starts anew.'],
];

/** What a failed read or write of the store means to its user. */
export function storeError(error: unknown, file: string): RungError {
  if (RungError.is(error)) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const [message, hint] = reasons.find(([pattern]) => pattern.test(code))?.slice(1) ?? [
    `The store cannot be used: ${messageOf(error)}.`,
    'If the file is damaged, move the .rung folder away; the run then starts anew.',
  ];
  const usage = notWritable.test(code);
  return new RungError({
    code: 'store',
    message: String(message),
    hint: String(hint),
    place: { file },
    cause: error,
    exitCode: usage ? 2 : 1,
  });
}
