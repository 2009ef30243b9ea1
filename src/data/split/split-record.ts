import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { type SplitName, splitNames } from '#core/example.ts';

const part = z.object({ file: z.string().nullable(), rows: z.number().int().nonnegative(), hash: z.string().nullable() });

const recordSchema = z.object({
  schema: z.literal('rung.split/1'),
  hash: z.string(),
  seed: z.number().int(),
  shares: z.record(z.enum(splitNames), z.number()),
  groupField: z.string().nullable(),
  rows: z.number().int(),
  groups: z.number().int(),
  stratifiedBy: z.enum(['labels', 'text']),
  parts: z.record(z.enum(splitNames), part),
  /** Test rows: they stay test rows for ever. Hashes are the first 13 hexadecimal digits of SHA-256. */
  test: z.array(z.object({ id: z.string(), text: z.string().optional(), group: z.string().optional() })),
  /** Hashes of the ids of the other parts, 52 bits in 7 bytes each, ascending, in base64. */
  ids: z.object({ train: z.string(), validation: z.string() }),
});

/** What is written beside a split, so that it can be told from another and kept when rows are added. */
export type SplitRecord = z.infer<typeof recordSchema>;

/** Reads what was written beside a split. Throws a usage error where it is none. */
export function readSplitRecord(text: string, file: string): SplitRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw notASplit(file, 'it is no JSON');
  }
  const read = recordSchema.safeParse(json);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw notASplit(file, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'does not fit'}`);
}

function notASplit(file: string, why: string): Error {
  return inputError({
    code: 'split-unreadable',
    message: `This is not the record of a split (${why}).`,
    hint: 'Name the folder that rung data split wrote, or the split.json in it.',
    place: { file },
  });
}

const bytesPerHash = 7;

export function packHashes(hashes: readonly number[]): string {
  const sorted = Float64Array.from(hashes).sort();
  const bytes = Buffer.alloc(sorted.length * bytesPerHash);
  for (const [index, hash] of sorted.entries()) {
    bytes.writeUIntBE(Math.floor(hash / 2 ** 32), index * bytesPerHash, 3);
    bytes.writeUInt32BE(hash % 2 ** 32, index * bytesPerHash + 3);
  }
  return bytes.toString('base64');
}

/** True for the hashes that were packed. */
export function unpackHashes(packed: string): (hash: number) => boolean {
  const bytes = Buffer.from(packed, 'base64');
  const at = (index: number) => bytes.readUIntBE(index * bytesPerHash, 3) * 2 ** 32 + bytes.readUInt32BE(index * bytesPerHash + 3);
  const count = Math.floor(bytes.length / bytesPerHash);
  return (hash) => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(middle) < hash) low = middle + 1;
      else high = middle;
    }
    return low < count && at(low) === hash;
  };
}

export function hashText(hash: number): string {
  return hash.toString(16).padStart(13, '0');
}

export type Sides = Readonly<Record<SplitName, number>>;
