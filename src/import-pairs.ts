import { isJsonObject } from '#core/json.ts';

/** The pairs of some lines, each with its split, and without the system prompt where that became the task's instructions. */
export function pairsOf(
  text: string,
  rows: readonly { readonly line: number; readonly split: string | undefined }[],
  hasInstructions: boolean,
): string {
  const lines = text.split('\n');
  return rows.map(({ line, split }) => `${JSON.stringify({ ...pairOf(lines[line - 1] ?? '', hasInstructions), split })}\n`).join('');
}

function pairOf(line: string, hasInstructions: boolean): object {
  const row: unknown = JSON.parse(line.replace(/^\uFEFF/, ''));
  if (!isJsonObject(row)) return {};
  if (!hasInstructions || !isJsonObject(row['input']) || !Array.isArray(row['input']['messages'])) return row;
  return { ...row, input: { ...row['input'], messages: row['input']['messages'].slice(1) } };
}
