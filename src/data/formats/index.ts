import type { DataFormat } from '#core/data-format.ts';
import { inputError } from '#core/errors.ts';
import { suggestName } from '#data/nearest.ts';
import { alpaca } from './alpaca.ts';
import { anthropic } from './anthropic.ts';
import { axolotl } from './axolotl.ts';
import { gemini } from './gemini.ts';
import { huggingfaceMessages } from './huggingface-messages.ts';
import { langfuse } from './langfuse.ts';
import { llamaFactory, llamaFactoryAlpaca } from './llama-factory.ts';
import { mlx } from './mlx.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiPreference } from './openai-preference.ts';
import { openaiReinforcement } from './openai-reinforcement.ts';
import { promptCompletion } from './prompt-completion.ts';
import { promptfoo } from './promptfoo.ts';
import { promptfooCsv } from './promptfoo-csv.ts';
import { rung } from './rung.ts';
import { sharegpt } from './sharegpt.ts';
import { table } from './table.ts';
import { trl } from './trl.ts';

/** Every way of writing rows down that is known, in the order of their ids. */
export const dataFormats: readonly DataFormat[] = [
  alpaca,
  anthropic,
  axolotl,
  gemini,
  huggingfaceMessages,
  langfuse,
  llamaFactory,
  llamaFactoryAlpaca,
  mlx,
  openaiChat,
  openaiPreference,
  openaiReinforcement,
  promptCompletion,
  promptfoo,
  promptfooCsv,
  rung,
  sharegpt,
  table,
  trl,
];

/** The format of an id. Throws a usage error for one that is not known. */
export function dataFormat(id: string): DataFormat {
  const found = dataFormats.find((format) => format.id === id);
  if (found !== undefined) return found;
  throw inputError({
    code: 'unknown-format',
    message: `There is no data format named ${JSON.stringify(id)}.`,
    hint: suggestName(
      id,
      dataFormats.map((format) => format.id),
    ),
  });
}
