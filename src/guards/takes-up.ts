const shortest = 5;
/** Words of a request that say how to answer, not what about. */
const asking = new Set([
  'about',
  'after',
  'before',
  'being',
  'explain',
  'makes',
  'somebody',
  'their',
  'there',
  'which',
  'while',
  'without',
  'write',
]);

/**
 * True where an answer has a longer word of the request in it, in whatever form: the first five letters count. True for every
 * answer where the request has no such word, as in scripts that do not part words.
 */
export function takesUp(request: string, answer: string): boolean {
  const wanted = stemsOf(request);
  const said = new Set(stemsOf(answer));
  return wanted.length === 0 || wanted.some((stem) => said.has(stem));
}

function stemsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.filter((word) => word.length >= shortest && !asking.has(word)).map((word) => word.slice(0, shortest));
}
