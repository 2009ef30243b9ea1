export type AnswerEnd =
  | { readonly kind: 'cut'; readonly why: string }
  /** Prose, with and without a mark at its end. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unended' }
  /** No prose, so its end says nothing. */
  | { readonly kind: 'none' };

const proseWords = 12;
const ended = /[.!?…:;。！？।؟][\s"'”’»)\]*_`]*$|[)\]}>|*_`~"”’»]$/u;
/** Words that no sentence ends with. Not "to", "in", "with" and their like: questions and relative clauses do. */
const openWord = /(?:^|\s)(?:the|a|an|and|or|but|because|if|whose|my|your|their|our|der|und|oder|weil|le|la|les|et|ou|el|los|y|que)$/i;
/** What ends a list, a link, a number or a line of code. */
const otherEnd = /(?:https?:\/\/\S+|\S+@\S+|\d[\d.,%°/]*|[=;{}$€£]\s*\S*)$/;

const emojiAtEnd = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200D|\uFE0F|[\u{E0020}-\u{E007F}]|\s)+$/u;

/** How an answer ends. Cut off is what has an open JSON value, code fence or list of items, or a word or comma that must go on. */
export function cutOff(text: string): AnswerEnd {
  const answer = text.replace(emojiAtEnd, '');
  if (/^[{[]\s*["{[\d]/.test(answer)) return openJson(answer) ? { kind: 'cut', why: 'JSON not closed' } : { kind: 'none' };
  if ((answer.match(/^\s*```/gm)?.length ?? 0) % 2 === 1) return { kind: 'cut', why: 'code not closed' };
  const words = answer.split(/\s+/u, proseWords + 1).length;
  if (words < 4) return { kind: 'none' };
  if (/[,\p{L}]$/u.test(answer) && (answer.endsWith(',') || openWord.test(answer.slice(-20)))) {
    return /(?:regards|cheers|thanks|sincerely|wishes|yours|grüße[n]?|cordialement|saludos),$/i.test(answer)
      ? { kind: 'ended' }
      : { kind: 'cut', why: 'the sentence goes on' };
  }
  if (/[([]$/.test(answer)) return { kind: 'cut', why: 'a bracket opens at the end' };
  const lastLine = answer.slice(answer.lastIndexOf('\n') + 1).trim();
  // a list, a heading, a table or a signature ends without a mark
  if (words <= proseWords || lastLine.split(/\s+/u).length < 6 || /^(?:[-*•#|>]|\d+[.)])/.test(lastLine)) return { kind: 'none' };
  if (ended.test(answer)) return { kind: 'ended' };
  return otherEnd.test(lastLine) ? { kind: 'none' } : { kind: 'unended' };
}

/** True where a JSON text ends within a string or with open brackets. */
function openJson(text: string): boolean {
  let [depth, inString, escaped] = [0, false, false];
  for (const character of text) {
    if (escaped) escaped = false;
    else if (inString) {
      if (character === '\\') escaped = true;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return false;
    }
  }
  return inString || depth > 0;
}
