import type { DataTokenizer, TrainedPiece } from '#core/data-check.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import { turnText } from '#core/data-row.ts';

/** Which turns of a conversation a trainer counts the loss of. */
export type Learns = 'all answers' | 'last answer' | 'everything';

/** What a trainer learns of a conversation of several turns, with the page that says so. */
export interface TrainerPolicy {
  readonly id: string;
  readonly trainer: string;
  /** The setting under which it does this. */
  readonly setting: string;
  readonly learns: Learns;
  /** Whether its page says that a turn of weight 0 is left out. */
  readonly honoursWeight: boolean;
  readonly source: string;
}

/** Read on 21 November 2026. */
export const trainerPolicies: readonly TrainerPolicy[] = [
  {
    id: 'openai',
    trainer: 'OpenAI',
    setting: 'always',
    learns: 'all answers',
    honoursWeight: true,
    source:
      'OpenAI fine-tuning guide, "Multi-turn chat examples", as quoted at community.openai.com/t/how-to-assign-weights-during-chat-based-fine-tuning/1060699',
  },
  {
    id: 'together',
    trainer: 'Together',
    setting: 'default',
    learns: 'all answers',
    honoursWeight: true,
    source: 'docs.together.ai/docs/fine-tuning/data-preparation',
  },
  {
    id: 'fireworks',
    trainer: 'Fireworks',
    setting: 'default',
    learns: 'all answers',
    honoursWeight: true,
    source: 'docs.fireworks.ai/fine-tuning/fine-tuning-models',
  },
  {
    id: 'mistral',
    trainer: 'Mistral',
    setting: 'default',
    learns: 'all answers',
    honoursWeight: false,
    source: 'docs.mistral.ai/capabilities/finetuning/text_vision_finetuning',
  },
  {
    id: 'trl',
    trainer: 'TRL',
    setting: 'assistant_only_loss=True',
    learns: 'all answers',
    honoursWeight: false,
    source: 'huggingface.co/docs/trl/sft_trainer',
  },
  {
    id: 'trl-default',
    trainer: 'TRL',
    setting: 'default with messages',
    learns: 'everything',
    honoursWeight: false,
    source: 'huggingface.co/docs/trl/sft_trainer',
  },
  {
    id: 'axolotl',
    trainer: 'Axolotl',
    setting: 'roles_to_train: [assistant] (default)',
    learns: 'all answers',
    honoursWeight: false,
    source: 'github.com/axolotl-ai-cloud/axolotl, docs/dataset-formats/conversation.qmd',
  },
  {
    id: 'llama-factory',
    trainer: 'LLaMA-Factory',
    setting: 'mask_history: false (default)',
    learns: 'all answers',
    honoursWeight: false,
    source: 'github.com/hiyouga/LLaMA-Factory, src/llamafactory/hparams/data_args.py',
  },
  {
    id: 'llama-factory-history',
    trainer: 'LLaMA-Factory',
    setting: 'mask_history: true',
    learns: 'last answer',
    honoursWeight: false,
    source: 'github.com/hiyouga/LLaMA-Factory, src/llamafactory/hparams/data_args.py',
  },
  {
    id: 'mlx',
    trainer: 'MLX-LM',
    setting: '--mask-prompt',
    learns: 'last answer',
    honoursWeight: false,
    source: 'github.com/ml-explore/mlx-lm, mlx_lm/LORA.md',
  },
  {
    id: 'mlx-default',
    trainer: 'MLX-LM',
    setting: 'default',
    learns: 'everything',
    honoursWeight: false,
    source: 'github.com/ml-explore/mlx-lm, mlx_lm/LORA.md',
  },
];

/** What stands in where no tokenizer is at hand: a rule of thumb for English (OpenAI help centre, "What are tokens and how to count them"). */
export const bytesAsTokens: DataTokenizer = {
  name: '4 bytes a token',
  estimated: true,
  count: (text) => Math.ceil(Buffer.byteLength(text) / 4),
};

/** What services add around each turn and before the answer, where the template is not at hand (OpenAI's cookbook, "How to count tokens with tiktoken"). */
const usualPerMessage = 3;
const usualForAnswer = 3;

/** A piece of a conversation as it is read, with the turn of the assistant that it belongs to where it is part of an answer. */
interface RenderedPiece extends TrainedPiece {
  /** Counted from 0 among the assistant's turns. */
  readonly answer?: number;
}

export interface RenderedRow {
  readonly pieces: readonly RenderedPiece[];
  /** False where turns are counted one by one with the usual overhead of a template. */
  readonly template: boolean;
}

/** The turns that a row is trained on: with a preference, up to the better answer. */
export function trainedTurns({ turns, preference }: DataRow): readonly DataTurn[] {
  return preference === undefined ? turns : [...turns, ...preference.chosen];
}

/** A row as the model reads it; by its own chat template where that is at hand and takes the row. */
export function renderRow(turns: readonly DataTurn[], tokenizer: DataTokenizer): RenderedRow {
  const pieces = templatePieces(turns, tokenizer);
  if (pieces === undefined) return { pieces: plainPieces(turns, tokenizer), template: false };
  let answer = -1;
  return { pieces: pieces.map((piece) => (piece.learnt ? { ...piece, answer: ++answer } : piece)), template: true };
}

function templatePieces(turns: readonly DataTurn[], tokenizer: DataTokenizer): readonly TrainedPiece[] | undefined {
  try {
    const pieces = tokenizer.render?.(turns);
    // each answer must be one learnt piece, or what belongs to which turn could not be told
    return pieces?.filter(({ learnt }) => learnt).length === turns.filter(({ role }) => role === 'assistant').length ? pieces : undefined;
  } catch {
    // templates refuse roles and orders that they do not know
    return undefined;
  }
}

function plainPieces(turns: readonly DataTurn[], tokenizer: DataTokenizer): RenderedPiece[] {
  let answer = -1;
  const pieces = turns.flatMap((turn): RenderedPiece[] => {
    const text = writtenText(turn);
    const learnt = turn.role === 'assistant';
    if (learnt) answer += 1;
    return [
      { text: `<${turn.role}>`, tokens: usualPerMessage, learnt: false },
      { text, tokens: tokenizer.count(text), learnt, ...(learnt && { answer }) },
    ];
  });
  return [...pieces, { text: '', tokens: usualForAnswer, learnt: false }];
}

/** The text of a turn with its calls, as a template writes them in some form. */
export function writtenText(turn: DataTurn): string {
  const calls = (turn.toolCalls ?? []).map((call) => `${call.name}(${call.arguments})`);
  return calls.length === 0 ? turnText(turn) : [turnText(turn), ...calls].join('');
}

/** Which pieces a trainer learns. */
export function learntPieces(
  { pieces }: RenderedRow,
  turns: readonly DataTurn[],
  { learns, honoursWeight }: Pick<TrainerPolicy, 'learns' | 'honoursWeight'>,
): boolean[] {
  const weights = turns.filter(({ role }) => role === 'assistant').map(({ weight }) => weight);
  const last = weights.length - 1;
  return pieces.map(({ answer, tokens }) => {
    if (learns === 'everything') return tokens > 0;
    if (answer === undefined) return false;
    if (honoursWeight && weights[answer] === 0) return false;
    return learns === 'all answers' || answer === last;
  });
}
