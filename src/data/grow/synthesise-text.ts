import { type Input, messagesOf } from '#core/example.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';

/** What the asker said: the text itself, the last user turn, or the longest text among the fields; undefined where there is none. */
export function spokenText(input: Input): string | undefined {
  const text = isFields(input) ? spokenField(input)?.[1] : messagesOf(input).findLast(({ role }) => role === 'user')?.content;
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** The input with another text in that place; all else stays. */
export function withSpokenText(input: Input, text: string): Input {
  if (typeof input === 'string') return text;
  if (isFields(input)) {
    const field = spokenField(input)?.[0];
    return field === undefined ? input : { ...input, [field]: text };
  }
  const messages = messagesOf(input);
  const at = messages.findLastIndex(({ role }) => role === 'user');
  return { ...input, messages: messages.map((message, index) => (index === at ? { ...message, content: text } : message)) };
}

function isFields(input: Input): input is JsonObject {
  return isJsonObject(input) && !Array.isArray(input['messages']);
}

function spokenField(fields: JsonObject): readonly [string, string] | undefined {
  const texts = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))[0];
}
