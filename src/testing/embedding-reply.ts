/** What is asked of an embedding server (CreateEmbeddingRequest of github.com/openai/openai-openapi). */
export interface EmbeddingRequestBody {
  readonly model: string;
  readonly input: string | readonly string[];
  readonly encoding_format?: 'float' | 'base64';
}

/** The whole reply, as lists of numbers or as base64 of little-endian floats; one token per word. */
export function embeddingsJson(request: EmbeddingRequestBody, embed: (text: string) => readonly number[]): string {
  const texts = typeof request.input === 'string' ? [request.input] : request.input;
  const data = texts.map((text, index) => {
    const vector = embed(text);
    const embedding = request.encoding_format === 'base64' ? base64(vector) : vector;
    return { object: 'embedding', index, embedding };
  });
  const tokens = texts.reduce((sum, text) => sum + text.split(/\s+/).filter((word) => word !== '').length, 0);
  return JSON.stringify({ object: 'list', data, model: request.model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, 4 * at);
  return bytes.toString('base64');
}
