import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';

/** Bytes that a header may have, as safetensors' own library reads it (MAX_HEADER_SIZE of its src/tensor.rs). */
const longestHeader = 100_000_000;

/**
 * Throws where the weights in an adapter's folder are not a whole safetensors file (https://huggingface.co/docs/safetensors), whose
 * header says to which byte its tensors go: a clause for people. The type of the numbers is not looked at.
 */
export async function checkWholeWeights(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const told = await toldBytes(handle, size);
    if (told !== size) throw new Error(`it has ${size} bytes, and its header speaks of ${told}`);
  } catch (error) {
    throw new Error(`its weights are not a whole safetensors file: ${messageOf(error).replace(/[.]+$/, '')}`, { cause: error });
  } finally {
    await handle.close();
  }
}

async function toldBytes(handle: FileHandle, size: number): Promise<number> {
  if (size < 8) throw new Error('it is shorter than its header');
  const length = Number((await piece(handle, 0, 8)).readBigUInt64LE());
  if (length > Math.min(size - 8, longestHeader)) throw new Error('it is shorter than its header says');
  const header: unknown = JSON.parse((await piece(handle, 8, length)).toString('utf8'));
  if (!isJsonObject(header)) throw new Error('its header is not an object');
  const ends = Object.entries(header).flatMap(([name, entry]) => (name === '__metadata__' ? [] : [endOf(entry)]));
  return 8 + length + ends.reduce((last, end) => Math.max(last, end), 0);
}

function endOf(entry: unknown): number {
  const offsets = isJsonObject(entry) ? entry['data_offsets'] : undefined;
  const end: unknown = Array.isArray(offsets) ? offsets[1] : undefined;
  if (typeof end !== 'number' || !Number.isSafeInteger(end)) throw new Error('its header is malformed');
  return end;
}

async function piece(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  return (await handle.read(Buffer.alloc(length), 0, length, from)).buffer;
}
