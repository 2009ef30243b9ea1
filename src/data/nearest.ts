/** Edits (insert, delete, replace) that turn one text into the other, by characters (Levenshtein 1966). */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[right.length]!;
}

/** The known name that was probably meant: at most a third of its letters (and at least two) differ, case aside. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  // The cut keeps a pasted page of text from costing its length squared.
  const wanted = name.trim().toLowerCase().slice(0, 100);
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance > Math.max(2, candidate.length / 3) || distance >= candidate.length) continue;
    if (best === undefined || distance < best.distance) best = { name: candidate, distance };
  }
  return best?.name;
}

/** `Did you mean "goals"? Known are: …` for a name that is not known. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const listed = known.length > 20 ? `${known.slice(0, 20).join(', ')} and ${known.length - 20} more` : known.join(', ');
  return `${nearest === undefined ? '' : `Did you mean ${JSON.stringify(nearest)}? `}Known are: ${listed}.`;
}

/** A value inside an error message: one line, never longer than 60 characters. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
