/** Scripts that stand for one language or a few, by Unicode's names. */
const scripts: readonly (readonly [string, RegExp])[] = [
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['Korean', /\p{Script=Hangul}/gu],
  ['Chinese', /\p{Script=Han}/gu],
  ['Cyrillic', /\p{Script=Cyrillic}/gu],
  ['Arabic script', /\p{Script=Arabic}/gu],
  ['Hebrew', /\p{Script=Hebrew}/gu],
  ['Greek', /\p{Script=Greek}/gu],
  ['Devanagari', /\p{Script=Devanagari}/gu],
  ['Thai', /\p{Script=Thai}/gu],
];

/** Common little words of languages in Latin script that the others do not have, or have more rarely. */
const words: Readonly<Record<string, readonly string[]>> = {
  English: [
    'the',
    'and',
    'is',
    'are',
    'of',
    'to',
    'my',
    'you',
    'what',
    'with',
    'for',
    'this',
    'that',
    'have',
    'how',
    'it',
    'not',
    'was',
    'can',
  ],
  German: [
    'der',
    'die',
    'das',
    'und',
    'ist',
    'nicht',
    'ich',
    'ein',
    'eine',
    'mit',
    'auf',
    'für',
    'wie',
    'sie',
    'den',
    'zu',
    'habe',
    'mein',
  ],
  French: ['le', 'les', 'et', 'est', 'une', 'des', 'je', 'vous', 'pas', 'pour', 'dans', 'que', 'mon', 'ma', 'avec', 'du', 'sur', 'au'],
  Spanish: ['el', 'los', 'las', 'y', 'es', 'una', 'por', 'con', 'mi', 'del', 'para', 'qué', 'cómo', 'no', 'se', 'está', 'su', 'pero'],
  Italian: ['il', 'lo', 'gli', 'è', 'di', 'che', 'per', 'non', 'sono', 'una', 'con', 'mi', 'della', 'come', 'questo', 'ho'],
  Portuguese: ['o', 'os', 'um', 'uma', 'não', 'com', 'para', 'é', 'meu', 'minha', 'do', 'da', 'você', 'como', 'em', 'são'],
  Dutch: ['het', 'een', 'en', 'niet', 'ik', 'van', 'dat', 'met', 'voor', 'op', 'mijn', 'hoe', 'wat', 'zijn', 'heb', 'kan'],
};

const fewestWords = 2;
const readCharacters = 240;
const languagesOfWord = wordIndex();

/**
 * A guess at the language of a text: by script, and among languages in Latin script by their commonest little words.
 * Undefined where nothing tells, as for labels, code and short texts. A guess: it knows seven languages in Latin script.
 */
export function guessLanguage(text: string): string | undefined {
  const start = text.length > readCharacters ? text.slice(0, readCharacters) : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside ASCII and Latin is meant
  if (/[^\u0000-\u036F\u1E00-\u1EFF\u2000-\u2BFF]/.test(start)) {
    const letters = start.match(/\p{L}/gu)?.length ?? 0;
    const script = scripts.find(
      ([, pattern]) => (start.match(pattern)?.length ?? 0) * 5 > letters * (pattern.source.includes('Hiragana') ? 0.5 : 2),
    );
    if (script !== undefined) return script[0];
  }
  const hits = new Map<string, number>();
  for (const word of new Set(start.toLowerCase().split(/[\s\d.,;:!?()"“”«»¿¡[\]{}<>/\\|*_=+-]+/))) {
    for (const language of languagesOfWord.get(word) ?? []) hits.set(language, (hits.get(language) ?? 0) + 1);
  }
  const [first, second] = [...hits].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] < fewestWords || first[1] === second?.[1]) return undefined;
  return first[0];
}

function wordIndex(): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  for (const [language, list] of Object.entries(words)) {
    for (const word of list) index.set(word, [...(index.get(word) ?? []), language]);
  }
  return index;
}
