/** One line, single spaces, straight quotes: what is compared, here and in rules. */
export function plainText(text: string): string {
  return text.normalize('NFKC').replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/\s+/g, ' ').trim();
}

export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*/gu) ?? [];
}

export function sentencesOf(text: string): string[] {
  return plainText(text)
    .split(/(?<=[.!?]["')]*)\s+/)
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

export function lastSentence(text: string): string {
  return sentencesOf(text).at(-1) ?? '';
}

/** True where the phrase stands in the text as whole words, upper and lower case alike. */
export function hasPhrase(text: string, phrase: string): boolean {
  return positionsOf(text, phrase).length > 0;
}

export function startsWith(text: string, phrase: string): boolean {
  const opening = plainText(text).replace(/^["'(*_]+/, '');
  return positionsOf(opening, phrase).includes(0);
}

/** Closing punctuation counts only where the phrase ends on it too. */
export function endsWith(text: string, phrase: string): boolean {
  const closing = /["').!?…*_\s]+$/;
  const whole = plainText(text);
  const wanted = plainText(phrase);
  const ending = closing.test(wanted) ? whole.replace(/["')*_\s]+$/, '') : whole.replace(closing, '');
  return positionsOf(ending, wanted).includes(ending.length - wanted.length);
}

const stopWords: ReadonlySet<string> = new Set(
  (
    'about after again also been before being both could does doing done down each even ever every from have having here into just ' +
    'like made make many more most much need needs only other over really same should some still such than that their them then ' +
    'there these they this those through today tomorrow until very want wants were what when where which while will with would ' +
    'yesterday your yours'
  ).split(' '),
);

/** Words of at least four letters that carry meaning of their own (English). */
export function contentWords(text: string): string[] {
  return wordsOf(text.toLowerCase()).filter((word) => word.length >= 4 && !stopWords.has(word));
}

/** Where a phrase begins in a text, as whole words. */
function positionsOf(text: string, phrase: string): number[] {
  const where = plainText(text).toLowerCase();
  const what = plainText(phrase).toLowerCase();
  const positions: number[] = [];
  if (what === '') return positions;
  for (let at = where.indexOf(what); at !== -1; at = where.indexOf(what, at + 1)) {
    const joinedBefore = /[\p{L}\p{N}]$/u.test(where.slice(0, at)) && /^[\p{L}\p{N}]/u.test(what);
    const joinedAfter = /^[\p{L}\p{N}]/u.test(where.slice(at + what.length)) && /[\p{L}\p{N}]$/u.test(what);
    if (!joinedBefore && !joinedAfter) positions.push(at);
  }
  return positions;
}
