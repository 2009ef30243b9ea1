import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startOf, validatorOf } from './download-range.ts';

const identity = { name: 'a service', key: undefined, keyVariable: 'KEY' };

describe('a reply to a download', () => {
  it('goes on from the bytes that are kept, and from no others', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), (kept, first, rest) => {
        const total = first + rest + 1;
        const reply = { status: 206, headers: { 'content-range': `bytes ${first}-${total - 1}/${total}` } };
        if (first === kept) expect(startOf(reply, kept, identity)).toEqual({ from: kept, total });
        else expect(() => startOf(reply, kept, identity)).toThrow('goes on elsewhere');
      }),
    );
    const unknown = { status: 206, headers: { 'content-range': 'bytes 5-9/*' } };
    expect(startOf(unknown, 5, identity)).toEqual({ from: 5 });
    for (const range of ['bytes 5', '5-9/10', '']) {
      expect(() => startOf({ status: 206, headers: { 'content-range': range } }, 5, identity)).toThrow('a service');
    }
  });

  it('that is whole begins at the first byte, whatever is kept', () => {
    expect(startOf({ status: 200, headers: { 'content-length': '12' } }, 5, identity)).toEqual({ from: 0, total: 12 });
    for (const length of ['x', '-1', '1.5', undefined]) {
      expect(startOf({ status: 200, headers: { 'content-length': length } }, 0, identity)).toEqual({ from: 0 });
    }
  });

  it('is known again by a strong tag only', () => {
    expect(validatorOf({ etag: '"abc"' })).toBe('"abc"');
    for (const etag of ['W/"abc"', 'abc', '"a\nb"', '"a" "b"', undefined]) expect(validatorOf({ etag })).toBeUndefined();
  });
});
