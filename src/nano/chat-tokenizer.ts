import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { RungError } from '#core/errors.ts';

export interface NanoMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
  /** 0 for an assistant's turn that training shows and does not count. */
  readonly weight?: 0 | 1;
}

/** A conversation as token ids; `mask[i]` is true where training counts the loss of predicting `tokens[i]`. */
export interface TrainedTokens {
  readonly tokens: number[];
  readonly mask: boolean[];
}

export interface TokenizerFiles {
  /** Content of tokenizer.json. */
  readonly tokenizer: string;
  /** Content of tokenizer_config.json, if there is one. */
  readonly settings?: string;
  /** Content of the chat template. */
  readonly template: string;
}

/** Name of the template variable that marks where generation spans begin and end. */
const spanMark = 'generation_span_mark';

/** Text to tokens and back, and conversations through the model's own chat template. */
export class ChatTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #template: Template;
  readonly #marked: Template;
  readonly #constants: Record<string, unknown>;
  readonly #prefixSpace: boolean;

  constructor(files: TokenizerFiles) {
    const json = JSON.parse(files.tokenizer) as Record<string, unknown>;
    const settings = JSON.parse(files.settings ?? '{}') as Record<string, unknown>;
    this.#tokenizer = new Tokenizer(json, settings);
    this.#template = new Template(files.template);
    this.#marked = new Template(markSpans(files.template));
    this.#prefixSpace = addsPrefixSpace(json['pre_tokenizer']);
    const special = Object.entries(settings).filter(([key]) => key.endsWith('_token'));
    this.#constants = Object.fromEntries(
      special.map(([key, value]) => [key, typeof value === 'object' && value !== null && 'content' in value ? value.content : value]),
    );
  }

  encode(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** The text of generated tokens, without special tokens and without the space that encoding put before the first word. */
  decode(tokens: readonly number[]): string {
    if (tokens.length === 0) return '';
    const text = this.#tokenizer.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: false });
    return this.#prefixSpace && text.startsWith(' ') ? text.slice(1) : text;
  }

  /** The text of one token, special tokens by their names; part of a character gives a replacement character. */
  tokenText(token: number): string {
    return this.#tokenizer.decode([token], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  /** The conversation as the model reads it; with `addGenerationPrompt`, up to where its answer begins. */
  render(messages: readonly NanoMessage[], options: { addGenerationPrompt: boolean }): string {
    return this.#render(this.#template, messages, options.addGenerationPrompt);
  }

  /**
   * Exactly what training on a conversation counts: the tokens inside the template's generation spans, the end token of
   * every assistant turn included, unless its weight is 0. Throws a RungError (`template-spans`) where a span does not start
   * and end between tokens, or weights are given and spans are not one for each assistant turn.
   */
  trainedTokens(messages: readonly NanoMessage[]): TrainedTokens {
    // A private-use character, made longer until no message contains it.
    let mark = '\uE0F0';
    while (messages.some(({ content }) => content.includes(mark))) mark += '\uE0F1';
    const marked = this.#render(this.#marked, messages, false, { [spanMark]: mark });
    const pieces = marked.split(mark);
    const answers = messages.filter(({ role }) => role === 'assistant');
    const weighted = answers.some(({ weight }) => weight === 0);
    if (weighted && pieces.length !== 2 * answers.length + 1) {
      throw new RungError({
        code: 'template-spans',
        message: 'The chat template does not mark each assistant turn as one generation span, so weights of turns cannot be told apart.',
        hint: 'Put {% generation %} and {% endgeneration %} around every assistant turn in the chat template.',
      });
    }
    const tokens: number[] = [];
    const mask: boolean[] = [];
    for (const [index, piece] of pieces.entries()) {
      if (piece === '') continue;
      const learnt = index % 2 === 1 && !(weighted && answers[(index - 1) / 2]?.weight === 0);
      const ids = this.encode(piece);
      tokens.push(...ids);
      mask.push(...ids.map(() => learnt));
    }
    const whole = this.encode(this.render(messages, { addGenerationPrompt: false }));
    if (whole.length !== tokens.length || whole.some((token, index) => token !== tokens[index])) {
      throw new RungError({
        code: 'template-spans',
        message: 'A generation span of the chat template begins or ends inside a token, so the answer cannot be told from the prompt.',
        hint: 'Put {% generation %} and {% endgeneration %} next to special tokens in the chat template.',
      });
    }
    return { tokens, mask };
  }

  /** A text as a document of its own: between the tokens that the tokenizer names for beginning and end, where it does. */
  document(text: string): number[] {
    const special = (name: string): number[] => (typeof this.#constants[name] === 'string' ? this.encode(this.#constants[name]) : []);
    return [...special('bos_token'), ...this.encode(text), ...special('eos_token')];
  }

  #render(template: Template, messages: readonly NanoMessage[], addGenerationPrompt: boolean, more: Record<string, string> = {}): string {
    return template.render({ ...this.#constants, ...more, messages, add_generation_prompt: addGenerationPrompt });
  }
}

function markSpans(template: string): string {
  // Inside a block, so that the tags' own whitespace control stays as it was.
  return template.replace(/\{%(-?)\s*(?:end)?generation\s*(-?)%\}/g, `{%$1 if true %}{{ ${spanMark} }}{% endif $2%}`);
}

function addsPrefixSpace(preTokenizer: unknown): boolean {
  if (typeof preTokenizer !== 'object' || preTokenizer === null) return false;
  const { add_prefix_space: adds, pretokenizers: inner } = preTokenizer as Record<string, unknown>;
  return adds === true || (Array.isArray(inner) && inner.some(addsPrefixSpace));
}
