import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdDecompress, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { framesApart } from './zstd-frames.ts';

/** A frame that unpackers pass over (RFC 8878, 3.1.2). */
function skipped(content: Uint8Array): Uint8Array {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

const content = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  // repeats, and more than one block
  fc.integer({ min: 1, max: 300_000 }).map((length) => Buffer.alloc(length, 7)),
);
const frame = fc.record({ content, isSkipped: fc.boolean(), hasSum: fc.boolean() });

it('frames that follow one another are all unpacked, wherever their bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 4 }), fc.integer({ min: 3, max: 300 }), async (frames, length) => {
      const packed = Buffer.concat(
        frames.map(({ content, isSkipped, hasSum }) =>
          isSkipped ? skipped(content) : zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: hasSum ? 1 : 0 } }),
        ),
      );
      const pieces = Array.from({ length: Math.ceil(packed.length / length) }, (_, at) => packed.subarray(at * length, (at + 1) * length));
      const unpack = createZstdDecompress();
      const [unpacked] = await Promise.all([buffer(unpack), pipeline(Readable.from(pieces), framesApart, unpack)]);
      const expected = Buffer.concat(frames.filter(({ isSkipped }) => !isSkipped).map((each) => each.content));
      expect(unpacked.equals(expected)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

it('what is no frame goes through as it is', async () => {
  const noise = Buffer.alloc(5000, 3);
  expect(await buffer(Readable.from(framesApart(Readable.from([noise]))))).toEqual(noise);
});
