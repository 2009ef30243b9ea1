import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventStreamReader } from './event-stream.ts';

function read(bytes: Uint8Array, cuts: readonly number[]): string[] {
  const events: string[] = [];
  const reader = new EventStreamReader((data) => events.push(data));
  let from = 0;
  for (const cut of [...cuts.filter((cut) => cut < bytes.length)].sort((a, b) => a - b)) {
    reader.feed(bytes.subarray(from, cut));
    from = cut;
  }
  reader.feed(bytes.subarray(from));
  return events;
}

// The examples of WHATWG HTML, section 9.2.6.
test.each([
  ['data: YHOO\ndata: +2\ndata: 10\n\n', ['YHOO\n+2\n10']],
  [
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    ['first event', 'second event', ' third event'],
  ],
  ['data:test\n\ndata: test\n\n', ['test', 'test']],
  ['data\n\ndata\ndata\n\ndata:', ['', '\n']],
])('reads the events of %j', (text, events) => {
  expect(read(new TextEncoder().encode(text), [])).toEqual(events);
});

test('gives the same events wherever the stream is cut, with any line end', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ''));
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), lineEnd, fc.array(fc.nat(200), { maxLength: 8 }), (lines, end, cuts) => {
      const bytes = new TextEncoder().encode(lines.map((text) => `data: ${text}${end}${end}`).join(''));
      expect(read(bytes, cuts)).toEqual(lines);
    }),
  );
});
