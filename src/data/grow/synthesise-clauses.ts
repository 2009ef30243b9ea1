import { capitalised, uncapitalised } from './synthesise-draw.ts';

const opening = /^(if|because|although|though|while|after|before|once|as soon as|when)\s+([^,;:?]+),\s+(.+?)([.!?]*)$/iu;
const trailing = /^(.+?),?\s+(because|although|as soon as)\s+([^,;:?]+?)([.!]*)$/iu;
/** Words with which a clause of its own begins. */
const subject = /^(?:i|we|my|our|the|you|your|there|nobody|somebody|someone)\b/iu;
const question = /^(?:is|are|was|were|do|does|did|will|can|could|would|should|has|have)\b/iu;

/** The clauses of each sentence in another order, where a conjunction or a comma between clauses allows it (English). */
export function reorderedClauses(text: string): string {
  return text
    .split(/(?<=[.!?])(\s+)/u)
    .map((part) => reordered(part))
    .join('');
}

function reordered(sentence: string): string {
  const [, conjunction = '', condition = '', main = '', end = ''] = opening.exec(sentence) ?? [];
  // "When is it sent, I ordered …" is a question
  if (conjunction !== '' && words(condition) >= 2 && words(main) >= 2 && !question.test(condition)) {
    return likeCase(sentence, `${main} ${conjunction.toLowerCase()} ${uncapitalised(condition)}${end}`);
  }
  const [, first = '', link = '', reason = '', close = ''] = trailing.exec(sentence) ?? [];
  if (link !== '' && words(first) >= 2 && words(reason) >= 2 && !question.test(first)) {
    return likeCase(sentence, `${link.toLowerCase()} ${reason}, ${uncapitalised(first)}${close}`);
  }
  return swapped(sentence);
}

/** "A, b." as "B, a.", where both are clauses of their own. */
function swapped(sentence: string): string {
  const [, said = '', end = ''] = /^([\s\S]*?)([.!]*)$/u.exec(sentence) ?? [];
  const clauses = said.split(/,\s+(?:and\s+)?/u);
  if (clauses.length !== 2 || clauses.some((clause) => words(clause) < 3 || !subject.test(clause))) return sentence;
  return likeCase(sentence, `${clauses[1]}, ${uncapitalised(clauses[0]!)}${end}`);
}

function likeCase(sentence: string, text: string): string {
  const first = sentence.charAt(0);
  return first !== first.toLowerCase() ? capitalised(text) : text;
}

function words(text: string): number {
  return text.trim().split(/\s+/u).length;
}
