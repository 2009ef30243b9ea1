// The strong model of the bench: a script in place of a model that reads failures and writes a better instruction. It
// knows nothing but the request: the current instruction, and the rows that stand in it with what was said of them.
import type { Answerer } from './optimizer-server.ts';
import { contentWords, type LabelledText } from './scripted-model-words.ts';

const wordsPerLine = 8;
const mostWords = 16;

/**
 * Rewrites the instruction that a request holds: for each label that rows in the request have, a line with words of those
 * rows; for each row answered wrongly, a line that tells the two labels apart; for outputs that are no labels, what the
 * feedback complains of. Lines of earlier rewrites stay, and take up new words. `rows` are those a request may hold; of
 * their labels only those are used that the request itself says.
 */
export function reflectionAnswerer(rows: readonly Pick<LabelledText, 'text'>[], labels: readonly string[]): Answerer {
  const linesFor = (text: string) => (labels.length > 0 ? linesOfLabels(text, rows, labels) : linesOfFeedback(text));
  return ({ messages }) => {
    const text = unescaped(messages.map(({ content }) => content).join('\n'));
    const sections = sectionsIn(messages.at(-1)?.content ?? '');
    if (sections !== undefined) return { text: withNotes(sections, (notes) => merged(notes, linesFor(text))) };
    const current = currentInstruction(unescaped(messages.at(-1)?.content ?? '')) || currentInstruction(text);
    return { text: inForm(text, merged(current, linesFor(text))) };
  };
}

interface Section {
  readonly heading: string;
  readonly text: string;
}

// Rung sends the prompt as sections, and wants them back
function sectionsIn(content: string): readonly Section[] | undefined {
  try {
    return (JSON.parse(content) as { sections?: readonly Section[] }).sections;
  } catch {
    return undefined;
  }
}

function withNotes(sections: readonly Section[], rewrite: (notes: string) => string): string {
  const heading = 'Notes';
  const notes = rewrite(sections.find((section) => section.heading === heading)?.text ?? '');
  const rest = sections.filter((section) => section.heading !== heading);
  return JSON.stringify({ hypothesis: 'The failed rows say what the labels mean.', sections: [...rest, { heading, text: notes }] });
}

// rows inside JSON keep their words but for quotes and line ends
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\"', '"');
}

interface Line {
  readonly head: string;
  readonly words: readonly string[];
}

function merged(current: string, lines: readonly Line[]): string {
  const kept = current.split('\n');
  for (const { head, words } of lines) {
    const at = kept.findIndex((line) => line.startsWith(head));
    const before =
      at < 0
        ? []
        : (kept[at] as string)
            .slice(head.length)
            .replace(/\.$/, '')
            .split(', ')
            .map((word) => word.trim());
    const line = `${head} ${[...new Set([...before, ...words])].slice(0, mostWords).join(', ')}.`;
    if (at < 0) kept.push(line);
    else kept[at] = line;
  }
  return kept.join('\n').trim();
}

const anyAnswer = /answer[^\w]{1,12}/i;

function linesOfLabels(text: string, rows: readonly Pick<LabelledText, 'text'>[], labels: readonly string[]): Line[] {
  const places = rows.flatMap((row) => (text.includes(row.text) ? [{ text: row.text, at: text.indexOf(row.text) }] : []));
  places.sort((a, b) => a.at - b.at);
  const seen = places.flatMap((row, index) => {
    const after = text.slice(row.at + row.text.length, places[index + 1]?.at ?? row.at + row.text.length + 400);
    const [given = after, predicted] = after.split('"prediction"');
    const answered = labelAfter(predicted ?? after, /answered[^\w\n]{1,4}/i, labels) ?? labelAfter(predicted ?? after, anyAnswer, labels);
    const expected = labelAfter(after, /expected[^\w\n]{1,4}/i, labels) ?? labelAfter(given, anyAnswer, labels);
    return expected === undefined ? [] : [{ text: row.text, expected, answered }];
  });
  const uses = new Map<string, number>();
  for (const row of seen) for (const word of new Set(contentWords(row.text))) uses.set(word, (uses.get(word) ?? 0) + 1);
  const telling = (own: readonly { text: string }[]) => {
    const counts = new Map<string, number>();
    for (const row of own) for (const word of new Set(contentWords(row.text))) counts.set(word, (counts.get(word) ?? 0) + 1);
    const weight = (word: string) => (counts.get(word) ?? 0) ** 2 / (uses.get(word) ?? 1);
    return [...counts.keys()].sort((a, b) => weight(b) - weight(a)).slice(0, wordsPerLine);
  };
  const definitions = [...Map.groupBy(seen, ({ expected }) => expected)].map(([label, own]) => ({
    head: `- ${label}: it is about`,
    words: telling(own),
  }));
  const contrasts = seen.flatMap((row) =>
    row.answered === undefined || row.answered === row.expected
      ? []
      : [{ head: `- ${row.expected} rather than ${row.answered} where it says`, words: telling([row]) }],
  );
  return [...definitions, ...contrasts];
}

function labelAfter(text: string, sign: RegExp, labels: readonly string[]): string | undefined {
  const found = sign.exec(text);
  if (found === null) return undefined;
  const rest = text.slice(found.index + found[0].length).replace(/^["'`]+/, '');
  return labels.filter((label) => rest.startsWith(label)).sort((a, b) => b.length - a.length)[0];
}

function linesOfFeedback(text: string): Line[] {
  const complaints = [...text.matchAll(/(?:feedback|reason|why)"?\s*:\s*"?(broken: [^"\n;]{8,160}|[^"\n;]{8,160})/gi)];
  return [...new Set(complaints.map((match) => (match[1] as string).trim()))]
    .slice(0, 3)
    .map((complaint) => ({ head: '- Mind:', words: [complaint] }));
}

// where the optimisers put the instruction that they want rewritten
const places = [
  /Current Value:\s*([\s\S]*?)(?=\n\n(?:Feedback Summary|Minibatch|Trace Dataset):|$)/,
  /\[\[ ## (?:current_instruction|basic_instruction) ## \]\]\n([\s\S]*?)(?=\n\n\[\[ ##|$)/,
  /"(?:current_instruction|basic_instruction)"\s*:\s*"([\s\S]*?)"\s*[,}]/,
  /```(?:\w*\n)?([\s\S]*?)```/,
];

function currentInstruction(text: string): string {
  for (const place of places) {
    const found = place.exec(text)?.[1]?.trim();
    if (found) return found;
  }
  return '';
}

function inForm(text: string, instruction: string): string {
  if (/JSON object/i.test(text) && text.includes('new_instruction')) return JSON.stringify({ new_instruction: instruction });
  const key = [...text.matchAll(/\(wire key: `(\w+)`\)/g)].at(-1)?.[1];
  if (key !== undefined) return `${key}: ${instruction}`;
  const fields = [...text.matchAll(/\[\[ ## (\w+) ## \]\]/g)].map((match) => match[1] as string).filter((field) => field !== 'completed');
  const wanted = fields.at(-1);
  return wanted === undefined ? `\`\`\`\n${instruction}\n\`\`\`` : `[[ ## ${wanted} ## ]]\n${instruction}\n\n[[ ## completed ## ]]`;
}
