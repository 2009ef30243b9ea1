const voidElements = new Set(['meta', 'br', 'hr', 'img', 'input', 'link']);

/** Reads markup strictly and gives its tags in order; throws where a tag is not closed or an attribute not quoted. */
export function tagsOf(page: string): string[] {
  const open: string[] = [];
  const tags: string[] = [];
  const markup = page.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '<style></style>');
  for (const piece of markup.match(/<[^>]*>?|[^<]+/g) ?? []) {
    if (!piece.startsWith('<')) {
      if (piece.includes('>')) throw new Error(`A bare > in ${piece.slice(0, 80)}`);
      continue;
    }
    const match = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*="[^"<>]*")*)\s*(\/?)>$/.exec(piece);
    if (match === null) throw new Error(`Not a tag: ${piece.slice(0, 120)}`);
    const [, closing, name, attributes, selfClosing] = match;
    if (closing === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else if (selfClosing !== '/' && !voidElements.has(name!)) open.push(name!);
    tags.push(`${closing}${name} ${[...attributes!.matchAll(/([a-zA-Z][a-zA-Z0-9:-]*)="[^"]*"/g)].map((each) => each[1]).join(' ')}`);
  }
  if (open.length > 0) throw new Error(`Left open: ${open.join(', ')}`);
  return tags;
}

/** Ids that occur twice, and ids that something points at and no element has. */
export function brokenIds(page: string): string[] {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!);
  const wanted = [...page.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g)].flatMap((match) => match[1]!.split(' '));
  return [...ids.filter((id, index) => ids.indexOf(id) < index), ...wanted.filter((id) => !ids.includes(id))];
}
