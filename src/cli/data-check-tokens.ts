import { fileURLToPath } from 'node:url';
import type { DataTokenizer, TrainedPiece } from '#core/data-check.ts';
import { type DataTurn, turnText } from '#core/data-row.ts';
import { bytesAsTokens } from '#data/checks/training-tokens.ts';
import { ChatTokenizer, type NanoMessage } from '#nano/chat-tokenizer.ts';
import { readModelFolder } from '#nano/model-folder.ts';

// models/ lies beside src/ and dist/
const nanoFolder = fileURLToPath(new URL('../../models/nano', import.meta.url));

const openAiName = /^(gpt-[345]|o[134](-|$)|chatgpt-)/;

/** A tokenizer with the tokens that its model reads at most, where that is known. */
export interface OpenTokenizer {
  readonly tokenizer: DataTokenizer;
  readonly context?: number;
}

/**
 * The tokenizer of a model: nano with its chat template, OpenAI's encodings by gpt-tokenizer; without a name, or for another
 * model, the rule of thumb, which says of itself that it estimates.
 */
export async function openTokenizer(model: string | undefined): Promise<OpenTokenizer> {
  if (model === undefined) return { tokenizer: bytesAsTokens };
  if (model === 'nano' || model.startsWith('nano/')) return openNanoTokenizer();
  const name = model.replace(/^(openai|azure)\//, '').replace(/^ft:/, '');
  const known = name !== model || openAiName.test(name);
  return { tokenizer: known ? await openAiTokenizer(name) : bytesAsTokens };
}

async function openNanoTokenizer(): Promise<OpenTokenizer> {
  const { config, tokenizerFiles } = await readModelFolder(nanoFolder);
  const tokenizer = new ChatTokenizer(tokenizerFiles);
  return {
    context: config.contextLength,
    tokenizer: {
      name: "nano's tokenizer and chat template",
      estimated: false,
      count: (text) => tokenizer.encode(text).length,
      render: (turns) => nanoPieces(tokenizer, turns),
    },
  };
}

function nanoPieces(tokenizer: ChatTokenizer, turns: readonly DataTurn[]): TrainedPiece[] {
  const { tokens, mask } = tokenizer.trainedTokens(turns.map(nanoMessage));
  const pieces: { text: string; tokens: number; learnt: boolean; parts: string[] }[] = [];
  tokens.forEach((token, index) => {
    const learnt = mask[index]!;
    const last = pieces.at(-1);
    const text = tokenizer.tokenText(token);
    if (last === undefined || last.learnt !== learnt) pieces.push({ text, tokens: 1, learnt, parts: [text] });
    else {
      last.text += text;
      last.tokens += 1;
      last.parts.push(text);
    }
  });
  return pieces;
}

function nanoMessage(turn: DataTurn): NanoMessage {
  if (turn.role === 'tool' || turn.toolCalls !== undefined) throw new TypeError('nano knows no tools');
  return { role: turn.role === 'developer' ? 'system' : turn.role, content: turnText(turn) };
}

async function openAiTokenizer(model: string): Promise<DataTokenizer> {
  const { modelToEncodingMap, DEFAULT_ENCODING } = await import('gpt-tokenizer/mapping');
  // a dated or tuned version reads as the model it was made from; models that are not listed read as the new ones do
  const base = Object.entries(modelToEncodingMap)
    .filter(([name]) => model === name || model.startsWith(`${name}-`) || model.startsWith(`${name}:`))
    .sort(([a], [b]) => b.length - a.length)[0];
  const encoding: string = base?.[1] ?? DEFAULT_ENCODING;
  if (encoding !== 'o200k_base' && encoding !== 'cl100k_base') return bytesAsTokens;
  const { countTokens } =
    encoding === 'o200k_base' ? await import('gpt-tokenizer/encoding/o200k_base') : await import('gpt-tokenizer/encoding/cl100k_base');
  return {
    name: encoding,
    estimated: false,
    // names of special tokens within a text are text
    count: (text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() }),
  };
}
