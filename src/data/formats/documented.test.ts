import { describe, expect, it } from 'vitest';
import { documented } from './documented.fixture.ts';
import { dataFormat } from './index.ts';
import { recogniseFormat } from './recognise.ts';

describe('records as the owners of the formats show them', () => {
  it.each(documented.map((one) => [one.format, one.what, one] as const))('%s: %s', (_format, _what, { format, record, row }) => {
    const { format: found, recognised } = recogniseFormat([record], 'rows.jsonl', 'jsonl');
    expect(found.id).toBe(format);
    expect(recognised).toContain(`Read as ${format} in jsonl`);
    expect(dataFormat(format).read(record)).toEqual(row);
  });

  const rows = documented.filter(({ what }) => what !== 'a result');
  it.each(rows.map((one) => [one.format, one.what, one] as const))(
    '%s: %s is written back as it was read',
    (_format, _what, { format, record }) => {
      const { read, write } = dataFormat(format);
      const there = write({ line: 1, ...read(record) });
      expect(dataFormat(format).read(JSON.parse(JSON.stringify(there.record)))).toEqual(read(record));
      expect(there.lost.filter((field) => field !== 'turns.name')).toEqual([]);
    },
  );
});

describe('a result of promptfoo', () => {
  it('is written as the test that asks for it again, and says what that leaves out', () => {
    const { record, row } = documented.find(({ what }) => what === 'a result')!;
    const { read, write } = dataFormat('promptfoo');
    const there = write({ line: 1, ...read(record) });
    expect(there.lost).toEqual(['prompt', 'vars', 'response', 'success']);
    expect(read(there.record)).toEqual({ turns: row['turns'], source: 'log' });
  });
});

describe('a sample that several formats could be', () => {
  it('says which others would fit', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    expect(recogniseFormat([{ messages, note: 'x' }], 'f', 'jsonl').recognised).toContain('openai-chat would fit too');
  });

  it('is refused where it looks like none, with its fields', () => {
    expect(() => recogniseFormat([{ when: 1, what: 2 }], 'f.jsonl', 'jsonl')).toThrow(
      expect.objectContaining({ code: 'format-unknown', hint: expect.stringContaining('when, what') }),
    );
  });
});
