// What both contenders of the nano bench are given: a model that never ends its answer, prompts and rows of exact lengths.
import { mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Nano, NanoMessage } from '../../src/nano/index.ts';

const modelFolder = join(import.meta.dirname, '../../models/nano');
const words =
  'the of and to in is you that it he was for on are as with his they at be this have from or had by but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first been call who its now find long down day did get come made may part'.split(
    ' ',
  );

/** A copy of the model whose config names no end token, so that an answer has as many tokens as asked for. */
export async function endlessModel(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-bench-nano-'));
  for (const name of ['model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']) {
    await symlink(join(modelFolder, name), join(folder, name));
  }
  const config = JSON.parse(await readFile(join(modelFolder, 'config.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, eos_token_id: [] }));
  return folder;
}

/** A prompt of exactly this many tokens; different seeds share no beginning worth caching. */
export function promptOf(nano: Nano, tokens: number, seed: number): NanoMessage[] {
  return grow(
    tokens,
    seed,
    (text) => [{ role: 'user', content: text }],
    (messages) => nano.countTokens(messages),
  );
}

/** A training row of exactly this many tokens, nearly all of them judged. */
export function rowOf(nano: Nano, tokens: number, seed: number): NanoMessage[] {
  return grow(
    tokens,
    seed,
    (text) => [
      { role: 'user', content: words[seed % words.length] ?? '' },
      { role: 'assistant', content: text },
    ],
    (messages) => nano.trainedTokens(messages).tokens.length,
  );
}

function grow(
  tokens: number,
  seed: number,
  messagesOf: (text: string) => NanoMessage[],
  lengthOf: (messages: NanoMessage[]) => number,
): NanoMessage[] {
  let state = seed * 2_654_435_761 + 12_345;
  const word = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return words[(state >>> 8) % words.length] ?? '';
  };
  // Most words are one token, so half of them can be taken without counting.
  let text = Array.from({ length: tokens >> 1 }, word).join(' ');
  for (let tries = 0; tries < 8 * tokens; tries++) {
    const longer = `${text} ${word()}`;
    const length = lengthOf(messagesOf(longer));
    if (length <= tokens) text = longer;
    if (length === tokens) return messagesOf(text);
  }
  throw new Error(`no text of ${tokens} tokens found`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
