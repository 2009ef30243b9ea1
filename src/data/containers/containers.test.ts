import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataContainer } from '#core/data-format.ts';
import { RungError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { detectContainer } from './detect-container.ts';
import { readContainer } from './index.ts';
import type { ReadItem } from './read-record.ts';
import { openSink } from './record-sink.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-containers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const first = { messages: [{ role: 'user', content: 'Grüße, 世界' }] };
const second = { messages: [{ role: 'user', content: 'b' }] };
const lines = `${JSON.stringify(first)}\n${JSON.stringify(second)}\n`;

async function read(
  name: string,
  content: string | Uint8Array,
  maximumRowBytes = 1_000_000,
): Promise<{ items: ReadItem[]; notes: string[]; container: DataContainer }> {
  const file = join(folder, name);
  await writeFile(file, content);
  const held = await detectContainer(file);
  const notes: string[] = [];
  const items: ReadItem[] = [];
  for await (const item of readContainer(file, held, { maximumRowBytes, note: (what, line) => notes.push(`${what} ${line}`) }))
    items.push(item);
  return { items, notes, container: held.container };
}

const records = (items: readonly ReadItem[]) => items.flatMap((item) => ('record' in item ? [item.record] : []));
const faults = (items: readonly ReadItem[]) => items.flatMap((item) => ('code' in item ? [[item.line, item.code]] : []));

describe('JSONL', () => {
  it.each([
    ['line feeds', lines],
    ['carriage returns and line feeds', lines.replaceAll('\n', '\r\n')],
    ['carriage returns', lines.replaceAll('\n', '\r')],
    ['no last line end', lines.trimEnd()],
    ['a byte order mark', `\ufeff${lines}`],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${lines}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${lines}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(lines, 'utf16le')],
    ['gzip', gzipSync(lines)],
    ['gzip of two members', Buffer.concat([gzipSync(lines.split('\n')[0]!), gzipSync(`\n${lines.split('\n')[1]!}`)])],
  ])('is read with %s', async (_what, content) => {
    const { items, container } = await read('a.jsonl', content);
    expect(items).toEqual([
      { line: 1, record: first },
      { line: 2, record: second },
    ]);
    expect(container).toBe('jsonl');
  });

  it('counts lines that end in different ways, and blank ones', async () => {
    const { items } = await read('b.jsonl', '{"a":1}\r\n\r\n{"a":2}\r{"a":3}\n\n{"a":4}');
    expect(items.map(({ line }) => line)).toEqual([1, 3, 4, 6]);
    expect(records(items)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
  });

  it('goes on after rows that cannot be read, and says of each where and what to do', async () => {
    const deep = `{"a":${'['.repeat(150)}${']'.repeat(150)}}`;
    const bad = [
      Buffer.from('{"a":1}\n{"a":\n{"a":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`"}\n[1]\n{"a":1,"b":{"c":1,"c":2}}\n${deep}\n{"a":2}\n`),
    ];
    const { items } = await read('c.jsonl', Buffer.concat(bad));
    expect(records(items)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(faults(items)).toEqual([
      [2, 'row-unreadable'],
      [3, 'not-utf8'],
      [4, 'row-unreadable'],
      [5, 'key-repeated'],
      [6, 'nested-too-deep'],
    ]);
    for (const item of items) if ('code' in item) expect(item.message).toMatch(new RegExp(`Line ${item.line}\\b.*\\.$`));
  });

  it('passes over a line that is too long without holding it', async () => {
    const { items } = await read('d.jsonl', `{"a":1}\n{"a":"${'x'.repeat(500_000)}"}\n{"a":2}\n`, 1000);
    expect(records(items)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(items[1]).toMatchObject({ line: 2, code: 'row-too-long', message: expect.stringContaining('500,008 bytes') });
  });

  it('gives the rows before the place where a gzip ends too early, and says so', async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => JSON.stringify({ row, text: `${row * 7919}` })).join('\n');
    const packed = gzipSync(rows);
    const { items } = await read('e.jsonl.gz', packed.subarray(0, packed.length >> 1));
    const last = items.at(-1)!;
    expect(items.length).toBeGreaterThan(100);
    expect(last).toMatchObject({
      code: 'gzip-broken',
      line: items.length,
      message: `The gzip file ends in the middle, after line ${items.length - 1}.`,
    });
  });

  it('keeps numbers that no double holds as the text they were', async () => {
    const { items, notes } = await read('f.jsonl', '{"a":9007199254740993,"b":9007199254740992,"c":1e999,"d":0.1,"e":1234567890123456}');
    expect(records(items)).toEqual([{ a: '9007199254740993', b: 9007199254740992, c: '1e999', d: 0.1, e: 1234567890123456 }]);
    expect(notes).toEqual(['numbers-as-text 1', 'numbers-as-text 1']);
  });

  it('does not take text within strings for keys', async () => {
    const record = { a: 'say \\"b\\": 1, "a": 2', 'k\\': 'x', c: { a: '":"' } };
    const { items } = await read('g.jsonl', JSON.stringify(record));
    expect(records(items)).toEqual([record]);
  });

  it('keeps a member named __proto__ a member', async () => {
    const { items } = await read('h.jsonl', '{"__proto__":{"x":1},"a":2}');
    expect(Object.keys(records(items)[0]!)).toEqual(['__proto__', 'a']);
  });
});

describe('JSON', () => {
  it.each([
    ['a list', JSON.stringify([first, second])],
    ['a list over many lines', JSON.stringify([first, second], null, 2)],
    [
      'an export with its rows under a name',
      JSON.stringify({ version: 3, results: { stats: { data: [1] }, results: [first, second], more: [1] } }),
    ],
    ['objects one after another', `${JSON.stringify(first, null, 2)}\n${JSON.stringify(second, null, 2)}`],
    ['a list in gzip', gzipSync(JSON.stringify([first, second]))],
  ])('is read from %s', async (_what, content) => {
    const { items } = await read('a.json', content);
    expect(items).toEqual([
      { line: 1, record: first },
      { line: 2, record: second },
    ]);
  });

  it('takes one object for one row', async () => {
    expect(records((await read('b.json', JSON.stringify(first, null, 1))).items)).toEqual([first]);
  });

  it('reads the same however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 7 }),
        async (values, size) => {
          const { readJson } = await import('./json.ts');
          const bytes = Buffer.from(JSON.stringify(values));
          async function* cut() {
            for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
          }
          const items: ReadItem[] = [];
          for await (const item of readJson(cut(), { maximumRowBytes: 10_000, note: () => {} })) items.push(item);
          expect(records(items)).toEqual(JSON.parse(bytes.toString()));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('says where a list breaks off or holds something else', async () => {
    expect(faults((await read('c.json', '[{"a":1},{"a":')).items)).toEqual([[2, 'json-unfinished']]);
    expect(faults((await read('d.json', '[{"a":1},7,{"a":2}]')).items)).toEqual([[2, 'row-unreadable']]);
    expect(faults((await read('e.json', '[{"a":1}] tail')).items)).toEqual([[2, 'json-unfit']]);
    expect(faults((await read('f.json', `[{"a":1},{"a":"${'x'.repeat(5000)}"},{"a":2}]`, 1000)).items)).toEqual([[2, 'row-too-long']]);
  });
});

describe('tables', () => {
  it('are read with quotes, line breaks within cells and any delimiter', async () => {
    const want = [
      { line: 2, record: { input: 'a, "b"\nc', expected: 'x' } },
      { line: 4, record: { input: 'd' } },
    ];
    expect((await read('a.csv', '\ufeffinput,expected\r\n"a, ""b""\nc",x\r\nd,\r\n')).items).toEqual(want);
    expect((await read('b.csv', 'input;expected\n"a, ""b""\nc";x\nd;\n')).items).toEqual(want);
    expect((await read('c.tsv', 'input\texpected\n"a, ""b""\nc"\tx\nd\t\n')).items).toEqual(want);
  });

  it('go on after rows that do not fit', async () => {
    const content = Buffer.concat([
      Buffer.from('a,b\n1,2,3\n4\n"x"y,5\n6,'),
      Buffer.from([0xe9]),
      Buffer.from(`\n7,${'z'.repeat(3000)}\n8,say "hi"\n9,"open\n10,11\n`),
    ]);
    const { items } = await read('d.csv', content, 1000);
    expect(records(items)).toEqual([{ a: '8', b: 'say "hi"' }]);
    expect(faults(items)).toEqual([
      [2, 'cells-unequal'],
      [3, 'cells-unequal'],
      [4, 'quote-unfit'],
      [5, 'not-utf8'],
      [6, 'row-too-long'],
      [8, 'quote-open'],
    ]);
  });

  it('are refused where two columns have one name', async () => {
    await expect(read('e.csv', 'a,a\n1,2\n')).rejects.toMatchObject({ code: 'column-repeated' });
  });
});

describe('Parquet', () => {
  it('is read with nested types, bytes, dates and long numbers', async () => {
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'messages', data: [[{ role: 'user', content: 'a' }], [{ role: 'user', content: 'b' }]], type: 'JSON' },
        { name: 'long', data: [9007199254740993n, 7n], type: 'INT64' },
        { name: 'when', data: [new Date(0), new Date(1)], type: 'TIMESTAMP' },
      ],
    });
    const { items, notes } = await read('a.parquet', new Uint8Array(buffer));
    expect(records(items)).toEqual([
      { messages: [{ role: 'user', content: 'a' }], long: '9007199254740993', when: '1970-01-01T00:00:00.000Z' },
      { messages: [{ role: 'user', content: 'b' }], long: 7, when: '1970-01-01T00:00:00.001Z' },
    ]);
    expect(notes).toEqual(['numbers-as-text 1']);
  });

  it('is read packed with zstd', async () => {
    const buffer = parquetWriteBuffer({
      columnData: [{ name: 'a', data: ['x', 'y'], type: 'STRING' }],
      codec: 'ZSTD',
      compressors: { ZSTD: (input) => new Uint8Array(zstdCompressSync(input)) },
    });
    expect(records((await read('b.parquet', new Uint8Array(buffer))).items)).toEqual([{ a: 'x' }, { a: 'y' }]);
  });

  it('is refused where it is cut off', async () => {
    const buffer = parquetWriteBuffer({ columnData: [{ name: 'a', data: ['x'], type: 'STRING' }] });
    await expect(read('c.parquet', new Uint8Array(buffer).subarray(0, 40))).rejects.toMatchObject({ code: 'parquet-broken' });
  });
});

describe('bytes of any kind', () => {
  it.each(['jsonl', 'json', 'csv', 'tsv', 'yaml', 'parquet', 'jsonl.gz'])(
    'in a .%s never do more than raise an error with a way out',
    async (extension) => {
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 6 }),
        fc
          .constantFrom('{"a":1}', '[', ']', '{', '"', ',', '\n', '\r', 'PAR1', '\u001f\u008b', ':')
          .map((text) => Buffer.from(text, 'latin1')),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
          try {
            const { items } = await read(`any.${extension}`, Buffer.concat(pieces), 40);
            for (const item of items) if ('code' in item) expect(item.fix).toMatch(/\w/);
          } catch (error) {
            expect(RungError.is(error) && error.hint).toMatch(/\w/);
          }
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe('names that no column of Parquet has', () => {
  it('are written as JSON within a column, and refused as one', async () => {
    const within = [{ a: { '': 2 } }];
    expect(JSON.stringify(await roundTrip('names.parquet', within))).toBe(JSON.stringify(within));
    await expect(roundTrip('names.parquet', [{ a: JSON.parse('{"__proto__":1}') as JsonObject }])).rejects.toMatchObject({
      code: 'column-unfit',
    });
    await expect(roundTrip('names.parquet', [{ '': 1 }])).rejects.toMatchObject({ code: 'column-unfit' });
  });
});

describe('files without rows', () => {
  it.each(['jsonl', 'json', 'csv', 'parquet', 'yaml'])('are refused as .%s', async (extension) => {
    await expect(read(`empty.${extension}`, ' \n')).rejects.toMatchObject({ code: 'file-empty' });
  });

  it('are refused where there are none', async () => {
    await expect(detectContainer(join(folder, 'absent.jsonl'))).rejects.toMatchObject({ code: 'file-missing' });
  });
});

const anyRecord = fc.record(
  {
    messages: fc.array(
      fc.record(
        { role: fc.constantFrom('user', 'assistant'), content: fc.string({ minLength: 1 }), weight: fc.constantFrom(0, 1) },
        { requiredKeys: ['role', 'content'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    id: fc.string({ minLength: 1 }),
    tools: fc.array(fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 2 }),
    score: fc.oneof(fc.integer(), fc.double({ noDefaultInfinity: true, noNaN: true })),
    sure: fc.boolean(),
  },
  { requiredKeys: ['messages'] },
);

describe('what is written', () => {
  it.each(['jsonl', 'json', 'yaml', 'parquet', 'jsonl.gz', 'json.gz'])('is read back from .%s', async (extension) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), async (values) => {
        const want = JSON.parse(JSON.stringify(values)) as JsonObject[];
        fc.pre(extension !== 'parquet' || !JSON.stringify(want).includes('__proto__'));
        expect(await roundTrip(`t.${extension}`, want)).toEqual(extension === 'parquet' ? want.map(withoutNulls) : want);
      }),
      { numRuns: extension === 'parquet' ? 30 : 12 },
    );
  });

  it.each(['csv', 'tsv', 'csv.gz'])('is read back from .%s, each cell as text', async (extension) => {
    const cell = fc.string({ minLength: 1, maxLength: 10, unit: fc.constantFrom('a', ' ', '"', ',', '\t', '\n', '\r', 'é', ';') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ input: cell, expected: cell, 'a,b': cell }), { minLength: 1, maxLength: 5 }),
        async (values) => {
          expect(await roundTrip(`t.${extension}`, values)).toEqual(values);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('has a file of columns that only later rows have', async () => {
    const values = [{ a: 'x' }, { b: 'y' }];
    for (const extension of ['csv', 'parquet']) expect(await roundTrip(`u.${extension}`, values)).toEqual(values);
  });
});

async function roundTrip(name: string, values: readonly JsonObject[]): Promise<JsonObject[]> {
  const file = join(folder, name);
  const container = name.split('.')[1] as DataContainer;
  const sink = openSink(file, container);
  for (const value of values) await sink.put(value);
  await sink.end();
  const { items } = await read(name, await readFile(sink.temporary));
  await sink.discard();
  return records(items);
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}
