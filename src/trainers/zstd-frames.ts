/** What comes next of a frame: bytes that say more, bytes that are passed over, or its end. */
type Step = { readonly read: number } | { readonly skip: number } | 'end';

const nothing = Buffer.alloc(0);
const dictionaryBytes = [0, 1, 2, 4] as const;
const sizeBytes = [0, 2, 4, 8] as const;

/** Frames one after another, zstd's own and those to be skipped (RFC 8878, 3.1). */
function* walk(): Generator<Step, never, Buffer> {
  for (;;) {
    const magic = (yield { read: 4 }).readUInt32LE();
    if (magic >>> 4 === 0x184d2a5) yield { skip: (yield { read: 4 }).readUInt32LE() };
    else {
      const flags = (yield { read: 1 }).readUInt8();
      const isSingle = (flags & 0x20) !== 0;
      const size = sizeBytes[(flags >> 6) as 0 | 1 | 2 | 3];
      yield { skip: (isSingle ? 0 : 1) + dictionaryBytes[(flags & 3) as 0 | 1 | 2 | 3] + (isSingle && size === 0 ? 1 : size) };
      for (let isLast = false; !isLast; ) {
        const head = (yield { read: 3 }).readUIntLE(0, 3);
        isLast = (head & 1) === 1;
        const isRepeated = ((head >> 1) & 3) === 1;
        yield { skip: isRepeated ? 1 : head >> 3 };
      }
      yield { skip: (flags & 4) === 0 ? 0 : 4 };
    }
    yield 'end';
  }
}

/**
 * The same bytes in pieces none of which goes on beyond the end of a frame. Node's unpacker stops at the end of a frame where more
 * follows in one piece, as in what several processors packed, and goes on where it begins with a new one.
 */
export async function* framesApart(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const steps = walk();
  let step: Step = steps.next(nothing).value;
  let left = 4;
  let read = nothing;
  for await (const chunk of chunks) {
    let [from, at] = [0, 0];
    while (at < chunk.length) {
      const taken = chunk.subarray(at, at + left);
      if (step !== 'end' && 'read' in step) read = Buffer.concat([read, taken]);
      at += taken.length;
      left -= taken.length;
      while (left === 0) {
        step = steps.next(read).value;
        read = nothing;
        if (step === 'end') {
          yield chunk.subarray(from, at);
          from = at;
        } else left = 'read' in step ? step.read : step.skip;
      }
    }
    if (from < at) yield chunk.subarray(from, at);
  }
}
