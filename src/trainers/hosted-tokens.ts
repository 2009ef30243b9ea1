import type { TrainingJob } from '#core/trainer.ts';
import { isPreference, type Row } from './hosted-rows.ts';
import type { HostedService } from './hosted-service.ts';

export interface TokenCount {
  /** Tokens of a row. */
  count(row: Row): number;
  /** How they were counted, as in "counted with o200k_base". */
  readonly method: string;
}

/**
 * Tokens that a chat service adds around each message, and to the whole: 3 and 3
 * (OpenAI cookbook, "How to count tokens with tiktoken", num_tokens_from_messages).
 */
const perMessage = 3;

const bytesPerToken = 4;

/** How the tokens of a service's rows are counted: by its own tokenizer where that is at hand, else from bytes. */
export async function tokenCounter({ encoding }: HostedService): Promise<TokenCount> {
  const ofText = encoding === undefined ? ofBytes : await openaiCounter();
  return {
    count: (row) => textsOf(row).reduce((sum, text) => sum + ofText(text) + perMessage, perMessage),
    method: encoding === undefined ? `taken as a quarter of the bytes, since its tokenizer is not at hand` : `counted with ${encoding}`,
  };
}

function ofBytes(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

async function openaiCounter(): Promise<(text: string) => number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // names of special tokens within a text are text
  return (text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() });
}

function textsOf(row: Row): readonly string[] {
  if ('text' in row) return [row.text];
  const said = row.messages.map(({ content }) => content);
  return isPreference(row) ? [...said, row.chosen, ...said, row.rejected] : said;
}

/** Tokens of all training rows together. */
export function tokensOf(job: TrainingJob, counter: TokenCount): number {
  return job.train.reduce((sum, row) => sum + counter.count(row), 0);
}
