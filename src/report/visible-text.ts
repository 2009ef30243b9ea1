// Characters that change how their surroundings are shown, or that show nothing: bidirectional controls, zero-width
// and invisible formatting characters, line separators. The joiners U+200C and U+200D are left: scripts and emoji need them.
const hiding = /[\u0080-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

function codePoint(character: string): string {
  return `⟦U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

/**
 * A text with nothing hidden in it: control characters become their pictures (␛), invisible and direction-changing
 * ones their code point (⟦U+202E⟧), lone surrogates U+FFFD. Tabs and line feeds stay.
 */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n/g, '\n')
    .replace(control, (character) => (character === '\u007f' ? '␡' : String.fromCharCode(0x2400 + character.charCodeAt(0))))
    .replace(hiding, codePoint);
}

/** The same on one line, cut to a number of UTF-16 units with an ellipsis. */
export function shortText(text: string, limit: number): string {
  const start = text.length > limit * 4 ? text.slice(0, limit * 4) : text;
  const line = visibleText(start).replace(/\s+/g, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1).toWellFormed()}…`;
}
