import type { DataTurn } from '#core/data-row.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';

type Image = { readonly url: string } | { readonly mimeType: string; readonly data: string };

/** Whose words a part is in, and how an image is said in them. */
interface PartWords {
  owns(part: JsonObject): boolean;
  image(image: Image): JsonObject | undefined;
}

const onlyOpenai = ['image_url', 'input_audio', 'file', 'refusal'];
const onlyAnthropic = ['image', 'document', 'thinking', 'redacted_thinking', 'search_result'];
const mimeTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
};

const words: Readonly<Record<'openai' | 'anthropic' | 'gemini', PartWords>> = {
  openai: {
    owns: ({ type }) => typeof type === 'string' && !onlyAnthropic.includes(type),
    image: (image) => ({
      type: 'image_url',
      image_url: { url: 'url' in image ? image.url : `data:${image.mimeType};base64,${image.data}` },
    }),
  },
  anthropic: {
    owns: ({ type }) => typeof type === 'string' && !onlyOpenai.includes(type),
    image: (image) => ({
      type: 'image',
      source: 'url' in image ? { type: 'url', url: image.url } : { type: 'base64', media_type: image.mimeType, data: image.data },
    }),
  },
  gemini: {
    owns: (part) => part['type'] === undefined || (part['type'] === 'text' && Object.keys(part).length === 2),
    image: (image) => {
      if ('data' in image) return { inlineData: { mimeType: image.mimeType, data: image.data } };
      const mimeType = mimeTypes[/\.([a-z]+)(?:[?#]|$)/i.exec(image.url)?.[1]?.toLowerCase() ?? ''];
      return mimeType === undefined ? undefined : { fileData: { mimeType, fileUri: image.url } };
    },
  },
};

/**
 * Turns whose parts are in the words of a vendor: images are said anew, texts stay, and what it has no word for is left out, which `lost`
 * names.
 */
export function adaptParts(
  turns: readonly DataTurn[],
  vendor: 'openai' | 'anthropic' | 'gemini',
): { readonly turns: readonly DataTurn[]; readonly lost: readonly string[] } {
  const { owns, image } = words[vendor];
  let dropped = false;
  const adapt = (part: JsonObject): JsonObject[] => {
    if (owns(part)) return [part];
    const seen = readImage(part);
    const said = seen === undefined ? undefined : image(seen);
    if (said !== undefined) return [said];
    dropped = true;
    return part['type'] === 'text' ? [{ type: 'text', text: part['text'] ?? '' }] : [];
  };
  const adapted = turns.map((turn) => {
    if (turn.content === null || typeof turn.content === 'string' || turn.content.every(owns)) return turn;
    const parts = turn.content.flatMap(adapt);
    return { ...turn, content: parts.length === 0 ? [{ type: 'text', text: '' }] : parts };
  });
  return { turns: adapted, lost: dropped ? ['turns.parts'] : [] };
}

/** The image of a part in anyone's words, where nothing else is said beside it. */
function readImage(part: JsonObject): Image | undefined {
  const { type, image_url: link, source, inlineData: inline, fileData: file } = part;
  if (type === 'image_url' && isJsonObject(link) && typeof link['url'] === 'string' && Object.keys(link).length === 1) {
    const [, mimeType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(link['url']) ?? [];
    return mimeType !== undefined && data !== undefined ? { mimeType, data } : { url: link['url'] };
  }
  if (type === 'image' && isJsonObject(source) && Object.keys(part).length === 2) {
    if (typeof source['url'] === 'string') return { url: source['url'] };
    if (typeof source['data'] === 'string' && typeof source['media_type'] === 'string')
      return { mimeType: source['media_type'], data: source['data'] };
  }
  if (isJsonObject(inline) && typeof inline['data'] === 'string' && isImage(inline['mimeType']))
    return { mimeType: inline['mimeType'], data: inline['data'] };
  if (isJsonObject(file) && typeof file['fileUri'] === 'string' && isImage(file['mimeType'])) return { url: file['fileUri'] };
  return undefined;
}

function isImage(mimeType: unknown): mimeType is string {
  return typeof mimeType === 'string' && mimeType.startsWith('image/');
}
