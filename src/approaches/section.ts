import type { Section } from '#core/prompt.ts';

export function section(heading: string, text: string | undefined): Section {
  return { heading, text: text?.trim() ?? '' };
}

export function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
