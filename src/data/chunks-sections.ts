import type { KnowledgeDocument } from '#core/knowledge.ts';

/** What stands under one heading, up to the next one. */
export interface DocumentSection {
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
  /** The last heading as it stands in links, unique within the document; empty before the first heading. */
  readonly slug: string;
  /** Runs of lines without a blank one; a code block is one. */
  readonly paragraphs: readonly string[];
}

const fence = /^ {0,3}(`{3,}|~{3,})/;

/** Reads a document's sections. Headings are those of Markdown (`#`, or underlined); a .txt document has none. */
export function sectionsOf({ id, text }: KnowledgeDocument): readonly DocumentSection[] {
  if (id.toLowerCase().endsWith('.txt')) return filled([{ headings: [], slug: '', paragraphs: text.split(/\n\s*\n/) }]);
  const sections: { headings: readonly string[]; slug: string; paragraphs: string[] }[] = [{ headings: [], slug: '', paragraphs: [] }];
  const path: { level: number; title: string }[] = [];
  const slugs = new Map<string, number>();
  let lines: string[] = [];
  let fenced: string | undefined;
  const endParagraph = () => {
    sections.at(-1)!.paragraphs.push(lines.join('\n'));
    lines = [];
  };
  const begin = (level: number, title: string) => {
    endParagraph();
    while (path.length > 0 && path.at(-1)!.level >= level) path.pop();
    path.push({ level, title });
    sections.push({ headings: path.map((heading) => heading.title), slug: uniqueSlug(title, slugs), paragraphs: [] });
  };
  for (const line of withoutFrontMatter(text).split('\n')) {
    const mark = fence.exec(line)?.[1];
    if (fenced !== undefined) {
      lines.push(line);
      if (mark?.startsWith(fenced)) fenced = undefined;
      continue;
    }
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
    const underline = lines.length === 1 ? /^ {0,3}(=+|-{2,})\s*$/.exec(line)?.[1] : undefined;
    if (heading !== null && heading[2] !== '') begin(heading[1]!.length, heading[2]!);
    else if (underline !== undefined) {
      const title = lines.pop()!.trim();
      begin(underline.startsWith('=') ? 1 : 2, title);
    } else if (line.trim() === '') endParagraph();
    else lines.push(line);
    fenced = mark;
  }
  endParagraph();
  return filled(sections);
}

function filled(sections: readonly DocumentSection[]): readonly DocumentSection[] {
  return sections
    .map((section) => ({
      ...section,
      paragraphs: section.paragraphs.map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== ''),
    }))
    .filter(({ paragraphs }) => paragraphs.length > 0);
}

// as rendered Markdown names its headings; what comes again is numbered, so that an id names one passage
function uniqueSlug(title: string, slugs: Map<string, number>): string {
  const plain =
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]+/gu, '')
      .trim()
      .replace(/\s+/g, '-') || 'section';
  let slug = plain;
  for (let copy = slugs.get(plain) ?? 0; slugs.has(slug); ) {
    copy += 1;
    slug = `${plain}-${copy}`;
    slugs.set(plain, copy);
  }
  slugs.set(slug, 0);
  return slug;
}

function withoutFrontMatter(text: string): string {
  return text.replace(/^---\n[\s\S]*?\n---[ \t]*(?:\n|$)/, '');
}
