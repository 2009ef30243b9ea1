import type { CallableModel, ModelCall } from '#core/candidate.ts';
import type { Passage } from '#data/chunks.ts';
import { passageText } from './retrieval-prompt.ts';

/** Passages in the order that the model gave them; `text` is what it said. */
interface Reranked {
  readonly passages: readonly Passage[];
  readonly text: string;
  /** False where its answer named no passage: the order is then the one that came in. */
  readonly readable: boolean;
  readonly call: ModelCall;
}

/** Asks a model once to order passages by how well they answer the question (Sun et al. 2023, EMNLP, list-wise). */
export async function rerank(
  question: string,
  passages: readonly Passage[],
  model: CallableModel,
  options: { signal: AbortSignal; sample?: number },
): Promise<Reranked> {
  const system = `Order the passages by how well they answer the question, the best first. Answer with their numbers alone, as 2, 1, 3.`;
  const { response, call } = await model.generate(
    {
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: `Question: ${question}\n\nPassages:\n${passageText(passages, 'numbered')}` },
      ],
      maxOutputTokens: 16 + 4 * passages.length,
      temperature: 0,
      ...(options.sample ? { sample: options.sample } : {}),
    },
    { signal: options.signal },
  );
  const order = readOrder(response.text, passages.length);
  return {
    passages: order === undefined ? passages : order.map((number) => passages[number - 1] as Passage),
    text: response.text,
    readable: order !== undefined,
    call,
  };
}

/** Numbers 1 to `count` in the order named, those left out behind them as they were; undefined where the text is no such list. */
function readOrder(text: string, count: number): readonly number[] | undefined {
  // a sentence with numbers in it is not an order
  if (!/^\s*\[?\d+\]?(?:\s*(?:[,;>]|\s)\s*\[?\d+\]?)*\.?\s*$/.test(text)) return undefined;
  const named = [...new Set((text.match(/\d+/g) ?? []).map(Number))];
  if (named.some((number) => number < 1 || number > count)) return undefined;
  const rest = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !named.includes(number));
  return [...named, ...rest];
}
