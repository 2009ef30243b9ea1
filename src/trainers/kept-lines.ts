import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The values of a file of JSON lines that is gone on with, its folder made where it is absent. The line that a killed process left
 * half written is ended, so that it does not take the next one with it, and left out.
 */
export function openLines(file: string): unknown[] {
  mkdirSync(dirname(file), { recursive: true });
  const text = readText(file);
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
