/** A run of words that stayed, went or came. */
export interface TextChange {
  readonly change: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Above so many pairs of words a text is taken as written anew. */
const mostPairs = 4_000_000;

/**
 * What changed from one text to the other, word by word, with the white space between: the longest common subsequence
 * (Wagner and Fischer 1974). The runs that are not `added` join to the first text, those not `removed` to the second.
 */
export function diffWords(before: string, after: string): readonly TextChange[] {
  const [one, other] = [wordsOf(before), wordsOf(after)];
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < one.length - start && end < other.length - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const middle = between(one.slice(start, one.length - end), other.slice(start, other.length - end));
  return merged([
    ...one.slice(0, start).map((text): TextChange => ({ change: 'same', text })),
    ...middle,
    ...one.slice(one.length - end).map((text): TextChange => ({ change: 'same', text })),
  ]);
}

function between(one: readonly string[], other: readonly string[]): readonly TextChange[] {
  const removed = (text: string): TextChange => ({ change: 'removed', text });
  const added = (text: string): TextChange => ({ change: 'added', text });
  if (one.length * other.length > mostPairs) return [...one.map(removed), ...other.map(added)];
  const width = other.length + 1;
  const common = new Uint32Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        one[i] === other[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const changes: TextChange[] = [];
  let [i, j] = [0, 0];
  while (i < one.length && j < other.length) {
    if (one[i] === other[j]) {
      changes.push({ change: 'same', text: one[i]! });
      i += 1;
      j += 1;
    } else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) changes.push(removed(one[i++]!));
    else changes.push(added(other[j++]!));
  }
  return [...changes, ...one.slice(i).map(removed), ...other.slice(j).map(added)];
}

function merged(changes: readonly TextChange[]): readonly TextChange[] {
  const runs: { change: TextChange['change']; text: string }[] = [];
  for (const { change, text } of changes) {
    const last = runs.at(-1);
    if (last?.change === change) last.text += text;
    else runs.push({ change, text });
  }
  return runs;
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\s+|[^\s]+/g) ?? [];
}
