const quote = 0x22;
const backslash = 0x5c;

/**
 * The first key that stands twice in one object of a JSON text; undefined where none does. `kept` is the number of keys
 * that are left after parsing: the text is walked only where it seems to have more of them.
 */
export function repeatedKey(text: string, kept: number): string | undefined {
  return colonsAfterQuotes(text) <= kept ? undefined : walk(text);
}

// A quote within a string is always escaped, so this never counts too few.
function colonsAfterQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    let before = at - 1;
    while (isSpace(text.charCodeAt(before))) before -= 1;
    if (text.charCodeAt(before) !== quote) continue;
    let slash = before - 1;
    while (text.charCodeAt(slash) === backslash) slash -= 1;
    if ((before - slash) % 2 === 1) count += 1;
  }
  return count;
}

function walk(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      let next = end;
      while (isSpace(text.charCodeAt(next))) next += 1;
      const keys = open.at(-1);
      if (text[next] === ':' && keys !== undefined) {
        const key = JSON.parse(text.slice(at, end)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end;
      continue;
    }
    at += 1;
  }
  return undefined;
}

/** The place behind the closing quote of a string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
