import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { ModelPiece } from '#core/model.ts';
import { AnswerPieces } from './answer-pieces.ts';
import { ChatTokenizer } from './chat-tokenizer.ts';
import { GrowingText } from './growing-text.ts';
import { readModelFolder } from './model-folder.ts';
import { shippedFolder } from './nano-source.ts';

let tokenizer: ChatTokenizer;
beforeAll(async () => {
  tokenizer = new ChatTokenizer((await readModelFolder(shippedFolder)).tokenizerFiles);
});

const letters = fc.constantFrom('a', ' ', 'ä', '€', '😀', '👩‍🚀', '\n', 'stop', 'word', '  ', '日本');
const texts = fc.array(letters, { maxLength: 20 }).map((parts) => parts.join(''));

function piecesOf(text: string, stop: readonly string[], logProbabilities = false) {
  const pieces: ModelPiece[] = [];
  const tokens = tokenizer.encode(text);
  const answer = new AnswerPieces(tokenizer, stop, (piece) => pieces.push(piece));
  for (const [index, token] of tokens.entries()) answer.add({ tokens: [token], logProbabilities: logProbabilities ? [-index] : [] });
  const whole = tokenizer.decode(tokens);
  const cut = Math.min(whole.length, ...stop.map((end) => whole.indexOf(end)).filter((at) => at >= 0));
  answer.end(whole.slice(0, cut));
  return { pieces, answer: whole.slice(0, cut) };
}

test('pieces make up the answer, whole characters each, and none tells what a stop string takes away', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.constantFrom('stop', 'st', ' ', '😀', 'rd日'), { maxLength: 2 }), (text, stop) => {
      const { pieces, answer } = piecesOf(text, stop);
      expect(pieces.map((piece) => piece.text).join('')).toBe(answer);
      for (const piece of pieces) {
        expect(piece.text).not.toBe('');
        expect(piece.text).not.toContain('\uFFFD');
        expect(piece.text.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('every token of the answer comes once and in order, those after it never', () => {
  const text = 'one 😀 two stop three';
  const { pieces } = piecesOf(text, ['stop'], true);
  const told = pieces.flatMap(({ logProbabilities = [] }) => logProbabilities.map(({ logProbability }) => -logProbability));
  expect(told).toEqual(told.map((_, index) => index));
  expect(told.length).toBeLessThan(tokenizer.encode(text).length);
  expect(pieces.length).toBeGreaterThan(3);
});

test('a text is the same token by token as at once, whatever the tokens', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 30 }), (tokens) => {
      const growing = new GrowingText((some) => tokenizer.decode(some));
      expect(tokens.map((token) => growing.push(token)).join('') + growing.rest()).toBe(tokenizer.decode(tokens));
    }),
    { numRuns: 100 },
  );
});
