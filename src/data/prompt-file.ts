import { isCollection, isMap, isNode, isPair, isScalar, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { inputError, type Place } from '#core/errors.ts';
import type { PromptScore, PromptVersion } from '#core/prompt.ts';
import { checkShape } from './check-shape.ts';
import { type FileSection, formatSection, frontMatterOf, sectionText, splitSections, textLines } from './prompt-sections.ts';
import { readShots, shotLines } from './prompt-shots.ts';
import { parseSlots } from './prompt-slots.ts';
import { yamlDocument } from './source-document.ts';

const score = z.strictObject({
  metric: z.string(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  n: z.int().min(0),
  method: z.string(),
  split: z.enum(['validation', 'test']),
  candidate: z.string(),
  model: z.string(),
});

const frontMatterSchema = z.strictObject({
  schema: z.literal('rung.prompt/1'),
  parent: z.string().min(1).optional(),
  author: z.enum(['person', 'optimiser']).default('person'),
  hypothesis: z.string().min(1).optional(),
  headed: z.boolean().default(true),
  maxOutputTokens: z.int().min(1).optional(),
  scores: z.array(score).default([]),
});

/** The heading whose turns are shown as examples; with a backslash before it, a section like any other. */
const examplesHeading = /^examples$/i;

/**
 * Reads a prompt version. `name` is its file's name without the ending. Throws a usage error with file and line for what
 * does not fit, an unknown slot among it.
 */
export function readPromptFile(content: string, name: string, file: string): PromptVersion {
  const { frontMatter, sections } = splitSections(content, file);
  const { schema: _schema, headed, ...about } = checkShape(frontMatterSchema, frontMatter);
  const isExamples = ({ heading, plain }: FileSection) => !plain && examplesHeading.test(heading);
  const examples = sections.filter(isExamples);
  if (examples.length > 1) throw repeated('Examples', file, examples[1]!.line);
  const written = sections.filter((section) => !isExamples(section)).map((section) => readSection(section, file));
  return {
    name,
    file,
    ...withoutAbsent(about),
    prompt: { headed, sections: written },
    shots: examples.flatMap(({ lines, line }) => readShots(lines, file, line)),
  };
}

/**
 * A prompt version as a file. `readPromptFile` gives back every text as it was; an example whose question was a form or a
 * conversation comes back as the turns that it is sent as.
 */
export function formatPromptFile(version: Omit<PromptVersion, 'name' | 'file'>): string {
  const { parent, author, hypothesis, prompt, shots, maxOutputTokens, scores } = version;
  const about = {
    schema: 'rung.prompt/1',
    parent,
    author,
    hypothesis,
    ...(prompt.headed ? {} : { headed: false }),
    maxOutputTokens,
    ...(scores.length > 0 && { scores }),
  };
  const sections = prompt.sections.map(({ heading, text }) =>
    formatSection(/^\\|^examples$/i.test(heading) ? `\\${heading}` : heading, textLines(text)),
  );
  const examples = shots.length === 0 ? [] : [formatSection('Examples', shotLines(shots))];
  return `---\n${yamlOf(withoutAbsent(about))}---\n\n${[...sections, ...examples].join('\n')}`;
}

/**
 * The file with other scores and every other character as it was. A score takes the place of one of the same metric, split
 * and model. Undefined where the front matter stands in braces, which have no lines to add to.
 */
export function withScores(content: string, scores: readonly PromptScore[], file: string): string | undefined {
  const { lines, end } = frontMatterOf(content, file);
  const written = lines.slice(1, end).join('\n');
  const { scores: before } = checkShape(frontMatterSchema, yamlDocument(`\n${written}`, file));
  const keyOf = ({ metric, split, model }: PromptScore) => JSON.stringify([metric, split, model]);
  const replaced = new Set(scores.map(keyOf));
  const block = yamlOf({ scores: [...before.filter((each) => !replaced.has(keyOf(each))), ...scores] }).trimEnd();
  const { contents } = parseDocument(written);
  if (!isMap(contents) || contents.flow === true) return undefined;
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === 'scores');
  const [from, to] = [startOf(pair?.key), endOf(pair?.value)];
  const changed = from === undefined || to === undefined ? `${written}\n${block}` : written.slice(0, from) + block + written.slice(to);
  const mark = content.startsWith('\uFEFF') ? '\uFEFF' : '';
  const lineEnd = content.startsWith('---\r\n', mark.length) ? '\r\n' : '\n';
  return mark + ['---', ...changed.split('\n'), ...lines.slice(end)].join(lineEnd);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

// a list in lines counts the line end behind it, and comments, as its own
function endOf(node: unknown): number | undefined {
  if (isPair(node)) return endOf(node.value ?? node.key);
  if (isCollection(node) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1));
  return isNode(node) ? node.range?.[1] : undefined;
}

function readSection({ heading, lines, line }: FileSection, file: string) {
  const text = sectionText(lines);
  const slots = parseSlots(text, { file, line }).flatMap((part) => (typeof part === 'string' ? [] : [part.slot]));
  for (const slot of slots) {
    const places = placesOf.get(slot);
    if (places !== undefined && !places.includes(heading.toLowerCase())) throw misplaced(slot, places, { file, line });
  }
  if (heading.toLowerCase() === 'query' && slots.includes('conversation') && !slots.includes('query')) {
    throw misplaced('conversation', ['conversation'], { file, line });
  }
  return { heading, text };
}

/** Slots that stand for what a question brings, and the headings they may stand under. */
const placesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['query', ['query']],
  ['conversation', ['conversation', 'query']],
  ['knowledge', ['knowledge']],
]);

function misplaced(slot: string, headings: readonly string[], place: Place): Error {
  return inputError({
    code: 'slot-not-here',
    message: `The slot {{${slot}}} has no place here.`,
    hint: `Put it under ${headings.map((heading) => `# ${heading.charAt(0).toUpperCase()}${heading.slice(1)}`).join(' or ')}${slot === 'conversation' ? ', there beside {{query}}' : ''}.`,
    place,
  });
}

function yamlOf(value: object): string {
  return stringify(value, { lineWidth: 0, flowCollectionPadding: true });
}

function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

function repeated(heading: string, file: string, line: number): Error {
  return inputError({
    code: 'section-repeated',
    message: `There are two sections # ${heading}.`,
    hint: 'Put their turns under one heading.',
    place: { file, line },
  });
}
