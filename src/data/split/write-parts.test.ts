import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DataFormat } from '#core/data-format.ts';
import { splitNames } from '#core/example.ts';
import { rung } from '#data/formats/rung.ts';
import { fanOut } from './fan-out.ts';
import { type SidedRow, writeParts } from './write-parts.ts';

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'rung-parts-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function* rows(count: number, failAt = -1): AsyncGenerator<SidedRow> {
  for (let index = 0; index < count; index += 1) {
    if (index === failAt) throw new Error('The disk is gone.');
    yield {
      side: splitNames[index % 3]!,
      row: { line: index + 1, id: `r${index}`, turns: [{ role: 'user', content: `question ${index}` }] },
    };
  }
}

const format = { format: rung, container: 'jsonl' } as const;

test('parts are complete or not there: what stood there stays where reading or writing fails', async () => {
  const at = await folder();
  await writeFile(join(at, 'train.jsonl'), 'earlier');
  await expect(writeParts(format, () => rows(1000, 900), splitNames, at)).rejects.toThrow('The disk is gone.');
  const failing: DataFormat = {
    ...rung,
    write(row) {
      if (row.id === 'r500') throw new Error('It cannot be written.');
      return rung.write(row);
    },
  };
  await expect(writeParts({ ...format, format: failing }, () => rows(1000), splitNames, at)).rejects.toThrow('It cannot be written.');
  expect(await readdir(at)).toEqual(['train.jsonl']);
  expect(await readFile(join(at, 'train.jsonl'), 'utf8')).toBe('earlier');
  const written = await writeParts(format, () => rows(1000), splitNames, at);
  expect(written.map(({ outcome }) => outcome.written)).toEqual([334, 333, 333]);
  expect(await readdir(at)).toEqual(['test.jsonl', 'train.jsonl', 'validation.jsonl']);
});

test('streams keep their order, however slowly they are read, and none runs far ahead', async () => {
  let [given, taken] = [0, 0];
  async function* numbers(): AsyncGenerator<number> {
    for (; given < 1000; given += 1) {
      expect(given - taken).toBeLessThan(300);
      yield given;
    }
  }
  const fan = fanOut(numbers(), 2, (number) => number % 2);
  const read = async (stream: AsyncIterable<number>, slow: boolean) => {
    const seen: number[] = [];
    for await (const number of stream) {
      if (slow) await new Promise((resolve) => setImmediate(resolve));
      taken += 1;
      seen.push(number);
    }
    return seen;
  };
  const [, even, odd] = await Promise.all([fan.run(), read(fan.streams[0]!, false), read(fan.streams[1]!, true)]);
  expect(even).toEqual(Array.from({ length: 500 }, (_, index) => 2 * index));
  expect(odd).toEqual(Array.from({ length: 500 }, (_, index) => 2 * index + 1));
});
