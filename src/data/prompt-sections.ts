import { inputError } from '#core/errors.ts';
import { type SourceDocument, yamlDocument } from './source-document.ts';

/** One `# Heading` of a prompt file and the lines under it, as they stand in the file. */
export interface FileSection {
  readonly heading: string;
  /** True where a backslash before the heading says that it has no meaning of its own. */
  readonly plain: boolean;
  readonly lines: readonly string[];
  /** Line of the first of `lines`; of the heading where there is none. */
  readonly line: number;
}

/** A file of front matter and sections, taken apart. */
export interface SectionedFile {
  readonly frontMatter: SourceDocument;
  readonly sections: readonly FileSection[];
}

/**
 * Takes a prompt or overlay file apart: YAML between two lines `---`, then sections under `# Heading`. A file whose first
 * line ends in a carriage return has its line ends read so. Throws a usage error with the line for what does not fit.
 */
export function splitSections(content: string, file: string): SectionedFile {
  const { lines, end } = frontMatterOf(content, file);
  const frontMatter = yamlDocument(`\n${lines.slice(1, end).join('\n')}`, file);
  const sections: { heading: string; plain: boolean; lines: string[]; line: number }[] = [];
  for (const [index, line] of lines.entries()) {
    if (index <= end) continue;
    const heading = headingOf(line);
    const current = sections.at(-1);
    if (heading !== undefined) {
      const plain = heading.startsWith('\\');
      sections.push({ heading: plain ? heading.slice(1) : heading, plain, lines: [], line: index + 2 });
    } else if (current !== undefined) current.lines.push(line);
    else if (line.trim() !== '') throw outsideSection(file, index + 1);
  }
  return { frontMatter, sections: sections.map(trimmed) };
}

/** The lines of a file, and the index of the line that ends its front matter. */
export function frontMatterOf(content: string, file: string): { readonly lines: readonly string[]; readonly end: number } {
  const text = content.replace(/^\uFEFF/, '');
  const lines = (/^---\r\n/.test(text) ? text.replaceAll('\r\n', '\n') : text).split('\n');
  const end = lines.indexOf('---', 1);
  if (lines[0] === '---' && end > 0) return { lines, end };
  throw inputError({
    code: 'front-matter-missing',
    message: 'The file does not begin with front matter.',
    hint: 'Begin it with ---, then schema: rung.prompt/1 (or rung.overlay/1), then --- on a line of its own.',
    place: { file, line: 1 },
  });
}

/** The text of a section's lines, its escapes taken off. */
export function sectionText(lines: readonly string[]): string {
  return lines.map((line) => (/^\\+(##?(?!#)|\s*$)/.test(line) ? line.slice(1) : line)).join('\n');
}

/** A text as lines that `sectionText` reads as itself. */
export function textLines(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const blank = lines.map((line) => line.trim() === '');
  const [first, last] = [blank.indexOf(false), blank.lastIndexOf(false)];
  return lines.map((line, index) => {
    const atEdge = first < 0 || index < first || index > last;
    return atEdge || /^\\*##?(?!#)|^\\+\s*$/.test(line) ? `\\${line}` : line;
  });
}

/** A section as a file writes it. */
export function formatSection(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? `# ${heading}\n` : `# ${heading}\n\n${lines.join('\n')}\n`;
}

function headingOf(line: string): string | undefined {
  const heading = line.startsWith('# ') ? line.slice(2).trim() : '';
  return heading === '' ? undefined : heading;
}

function trimmed(section: FileSection): FileSection {
  const { lines, line } = section;
  const first = lines.findIndex((text) => text.trim() !== '');
  if (first < 0) return { ...section, lines: [], line: line - 1 };
  const last = lines.findLastIndex((text) => text.trim() !== '');
  return { ...section, lines: lines.slice(first, last + 1), line: line + first };
}

function outsideSection(file: string, line: number): Error {
  return inputError({
    code: 'text-outside-section',
    message: 'There is text before the first heading.',
    hint: 'Put it under a heading such as # Task.',
    place: { file, line },
  });
}
