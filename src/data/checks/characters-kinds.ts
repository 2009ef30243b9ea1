/** Something about a text's characters that readers do not see. */
export interface OddCharacters {
  readonly rule: string;
  readonly source: string;
  /** A quick look: texts without a match hold none. */
  readonly sign: RegExp;
  /** The places of the odd characters. */
  places(text: string): readonly { readonly at: number; readonly length: number; readonly name: string }[];
  /** True where taking them out changes nothing that is read. */
  readonly removable: boolean;
}

const names: Readonly<Record<string, string>> = {
  '\u00AD': 'soft hyphen',
  '\u034F': 'combining grapheme joiner',
  '\u180E': 'Mongolian vowel separator',
  '\u200B': 'zero-width space',
  '\u200C': 'zero-width non-joiner',
  '\u200D': 'zero-width joiner',
  '\u2060': 'word joiner',
  '\u3164': 'Hangul filler',
  '\uFEFF': 'byte order mark',
};
/** Scripts that are spelled with joiners, or part words with the zero-width space. */
const joined =
  /\u200D|\uFE0F|[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Extended_Pictographic}\p{Emoji_Modifier}]/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

// Letters that look like Latin ones (Unicode Technical Standard 39, confusables.txt), of those scripts whose words are mixed with Latin.
const looksLatin = /[аВвЕеКкМНОоРрСсТтУуХхЅѕІіЈјԁһѡΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυικτ]/u;

export const oddCharacters: readonly OddCharacters[] = [
  {
    rule: 'invisible-character',
    source: 'Unicode 16.0, section 23.2 (layout controls) and 23.9 (tag characters)',
    sign: /[\u034F\u00AD\u180E\u200B-\u200D\u2060-\u2064\u3164\uFEFF\u{E0000}-\u{E007F}]/u,
    removable: true,
    places: (text) =>
      [...text.matchAll(/[\u034F\u00AD\u180E\u200B-\u200D\u2060-\u2064\u3164\uFEFF]|[\u{E0000}-\u{E007F}]+/gu)].flatMap((match) => {
        const [found] = match;
        const around =
          text.slice(Math.max(0, match.index - 2), match.index) + text.slice(match.index + found.length, match.index + found.length + 2);
        // a flag of a region is a black flag and tags
        if (/^[\u{E0000}-\u{E007F}]/u.test(found) && text.slice(0, match.index).endsWith('\u{1F3F4}')) return [];
        if ('\u200B\u200C\u200D'.includes(found) && joined.test(around)) return [];
        return [{ at: match.index, length: found.length, name: names[found] ?? codeName(found) }];
      }),
  },
  {
    rule: 'bidirectional-control',
    source: 'Boucher and Anderson 2023, Trojan Source, USENIX Security (CVE-2021-42574); Unicode Standard Annex 9',
    sign: /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/,
    removable: true,
    places: (text) =>
      // beside letters that run from right to left they do what they are for
      rightToLeft.test(text)
        ? []
        : [...text.matchAll(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g)].map((match) => ({
            at: match.index,
            length: 1,
            name: codeName(match[0]),
          })),
  },
  {
    rule: 'mixed-scripts',
    source: 'Unicode Technical Standard 39, confusables: words of Latin and of Cyrillic or Greek letters that look like Latin ones',
    sign: looksLatin,
    removable: false,
    places: (text) =>
      [...text.matchAll(/[\p{L}\p{M}]{3,}/gu)].flatMap((match) => {
        const letters = [...match[0]];
        const foreign = letters.filter((letter) => /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(letter));
        const latin = letters.filter((letter) => /\p{Script=Latin}/u.test(letter));
        const hidden =
          foreign.length > 0 && latin.length > 0 && (foreign.every((letter) => looksLatin.test(letter)) || latin.every(looksForeign));
        return hidden
          ? [
              {
                at: match.index,
                length: match[0].length,
                name: `“${match[0].slice(0, 40)}” with ${foreign.map(codeName).slice(0, 3).join(', ')}`,
              },
            ]
          : [];
      }),
  },
  {
    rule: 'private-use-character',
    source: 'Unicode 16.0, section 23.5 (private use) and 23.7 (noncharacters)',
    sign: /[\p{Co}\p{Noncharacter_Code_Point}]/u,
    removable: false,
    places: (text) =>
      [...text.matchAll(/[\p{Co}\p{Noncharacter_Code_Point}]/gu)].map((match) => ({
        at: match.index,
        length: match[0].length,
        name: codeName(match[0]),
      })),
  },
];

function looksForeign(letter: string): boolean {
  return /[aceijopsxyhABCEHIJKMOPSTXYZN]/.test(letter);
}

function codeName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
