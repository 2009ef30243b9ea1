import { basename, extname } from 'node:path';
import type { KnowledgeDocument } from '#core/knowledge.ts';
import { type DocumentSection, sectionsOf } from './chunks-sections.ts';

/** A part of a document, small enough to stand in a prompt. */
export interface Passage {
  /** `document.md#heading-slug/2`: the second passage under that heading; `document.md/1` where no heading stands above. */
  readonly id: string;
  /** The headings above, outermost first; the document's name where there is none. */
  readonly title: string;
  readonly text: string;
}

export const usualPassageWords = 120;

/**
 * Cuts documents along their structure: Markdown headings first, then paragraphs, then sentences, then words. A passage
 * holds at most `words` words, as many whole paragraphs as fit, and never reaches over a heading. A heading with nothing
 * under it gives none. The order is that of the documents, and ids depend on the document and `words` alone.
 */
export function passagesOf(documents: readonly KnowledgeDocument[], words = usualPassageWords): readonly Passage[] {
  return documents.flatMap((document) =>
    sectionsOf(document).flatMap((section) =>
      packed(section, words).map((text, index) => ({
        id: `${document.id}${section.slug === '' ? '' : `#${section.slug}`}/${index + 1}`,
        title: section.headings.join(' > ') || basename(document.id, extname(document.id)),
        text,
      })),
    ),
  );
}

/** A piece of text and what parts it from the piece before. */
interface Piece {
  readonly text: string;
  readonly before: '\n\n' | ' ';
}

function packed(section: DocumentSection, limit: number): readonly string[] {
  const passages: string[] = [];
  let current = '';
  let room = limit;
  for (const { text, before } of section.paragraphs.flatMap((paragraph) => piecesOf(paragraph, limit))) {
    const size = wordCount(text);
    if (current !== '' && size > room) {
      passages.push(current);
      current = '';
      room = limit;
    }
    current = current === '' ? text : `${current}${before}${text}`;
    room -= size;
  }
  return current === '' ? passages : [...passages, current];
}

/** The paragraph whole where it fits; else its sentences, and of a sentence that does not fit runs of its words. */
function piecesOf(paragraph: string, limit: number): readonly Piece[] {
  if (wordCount(paragraph) <= limit) return [{ text: paragraph, before: '\n\n' }];
  const sentences = Array.from(new Intl.Segmenter('en', { granularity: 'sentence' }).segment(paragraph), ({ segment }) => segment.trim());
  const pieces = sentences
    .filter((sentence) => sentence !== '')
    .flatMap((sentence) => {
      if (wordCount(sentence) <= limit) return [sentence];
      const words = Array.from(sentence.matchAll(word), ([text]) => text.replace(/\s+$/, ' '));
      return Array.from({ length: Math.ceil(words.length / limit) }, (_, index) =>
        words
          .slice(index * limit, (index + 1) * limit)
          .join('')
          .trim(),
      );
    });
  return pieces.map((text, index) => ({ text, before: index === 0 ? '\n\n' : ' ' }));
}

/** A word and the space behind it. What runs on without a space, as data or a script without spaces, counts as several. */
const word = /\S{1,80}\s*/gu;

function wordCount(text: string): number {
  return text.match(word)?.length ?? 0;
}
