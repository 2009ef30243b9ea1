import { expect, test } from 'vitest';
import { handedAddress } from './handed-address.ts';

const identity = { name: 'bench', key: undefined, keyVariable: 'BENCH_API_KEY' };
const [safe, open] = [new URL('https://api.test/v1/files'), new URL('http://127.0.0.1:8000/v1')];

test.each([
  ['https://store.test/x?sig=1', safe, 'https://store.test/x?sig=1'],
  ['https://store.test/x', open, 'https://store.test/x'],
  ['http://store.test/x', open, 'http://store.test/x'],
  ['/x?y', safe, 'https://api.test/x?y'],
  ['https://store.test/x', undefined, 'https://store.test/x'],
])('%s of %s is taken', (text, from, href) => {
  expect(handedAddress(text, from, identity).href).toBe(href);
});

test.each([
  ['http://store.test/x?sig=1', safe],
  ['file:///etc/passwd', open],
  ['data:,sig=1', undefined],
  ['sig=1', undefined],
  ['http://', safe],
])('%s of %s is not, and is not repeated', (text, from) => {
  expect(() => handedAddress(text, from, identity)).toThrow(/^bench handed out an address that cannot be read or is not safe\.$/);
});
