/** Collects what was read otherwise than written, one sentence for each kind. */
export function readingNotes() {
  const seen = new Map<string, { count: number; first: number }>();
  return {
    note(what: string, line: number): void {
      const before = seen.get(what);
      if (before === undefined) seen.set(what, { count: 1, first: line });
      else before.count += 1;
    },
    clear(): void {
      seen.clear();
    },
    sentences(): readonly string[] {
      return [...seen].map(([what, { count, first }]) => sentence(what, count, first));
    },
  };
}

function sentence(what: string, count: number, first: number): string {
  const where = `${count === 1 ? 'on' : 'first on'} line ${first}`;
  if (what === 'bytes-as-base64')
    return `${count} ${count === 1 ? 'value that is' : 'values that are'} bytes, not text, became base64 text (${where}).`;
  return `${count} ${count === 1 ? 'number' : 'numbers'} that no double holds exactly ${count === 1 ? 'was' : 'were'} kept as text (${where}).`;
}
