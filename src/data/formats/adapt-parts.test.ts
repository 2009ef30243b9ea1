import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#core/json.ts';
import { dataFormat } from './index.ts';

const inline = {
  'openai-chat': { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
  anthropic: { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
  gemini: { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
};
const linked = {
  'openai-chat': { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
  anthropic: { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
  gemini: { fileData: { mimeType: 'image/png', fileUri: 'https://example.org/a.png' } },
};

function converted(format: string, part: JsonObject) {
  const asked = { role: 'user' as const, content: [{ type: 'text', text: 'What is it?' }, part] };
  const { record, lost } = dataFormat(format).write({ line: 1, turns: [asked, { role: 'assistant', content: 'A cat.' }] });
  return { content: dataFormat(format).read(JSON.parse(JSON.stringify(record))).turns[0]!.content, lost };
}

describe('an image', () => {
  it.each(
    [inline, linked].flatMap((image) =>
      Object.values(image).flatMap((from) => Object.entries(image).map(([to, said]) => [from, to, said] as const)),
    ),
  )('%j is said anew for %s', (from, to, said) => {
    expect(converted(to, from)).toEqual({ content: [{ type: 'text', text: 'What is it?' }, said], lost: [] });
  });

  it.each([
    ['openai-chat', { type: 'thinking', thinking: 'hm' }],
    ['anthropic', { type: 'image_url', image_url: { url: 'https://example.org/a.png', detail: 'low' } }],
    ['gemini', { type: 'image_url', image_url: { url: 'https://example.org/a' } }],
  ])('%s names a part as lost that it has no word for', (to, part) => {
    expect(converted(to, part).lost).toContain('turns.parts');
  });
});
