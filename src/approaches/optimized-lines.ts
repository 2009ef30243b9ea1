import { type Example, expectedText } from '#core/example.ts';
import { isJsonObject, type Json } from '#core/json.ts';
import type { Section } from '#core/prompt.ts';
import { apartLine, beforeFormat } from './optimized-candidate.ts';
import type { Failure } from './optimized-failures.ts';
import type { Variant } from './optimized-history.ts';
import { type Move, ready, type Standing } from './optimized-moves.ts';
import { tellingWords, withoutGroup, wordsByAnswer } from './optimized-words.ts';
import { list, section } from './section.ts';

/** Words of all definitions together: with many labels each gets fewer. */
const wordsInAll = 300;
const wordsPerLabel = { fewest: 3, most: 8 };
const mostDefined = 200;
/** So few labels may as well be defined all at once, where the prompt stays the same for every question. */
const fewLabels = 12;
const wordsPerPair = 4;
const pairsTold = 8;
const modesTried = 5;
const notes = 'Notes';

/** What the labels, or the values of a field, stand for, from the words that tell their training rows apart. */
export function definitionMoves({ input, best, failing }: Standing): readonly Move[] {
  const { output } = input.task;
  if (output.kind === 'text') return styleMoves(input.train, best, failing);
  const properties = output.kind === 'json' && isJsonObject(output.schema['properties']) ? output.schema['properties'] : {};
  const fields = output.kind === 'labels' ? [undefined] : Object.keys(properties);
  const likely = output.kind === 'labels' && output.labels.length > fewLabels ? likelyMoves(input.train, best, failing) : [];
  const defined = fields.flatMap((field): Move[] => {
    const heading = field === undefined ? 'Labels' : `Values of ${field}`;
    if (best.prompt.sections.some((own) => own.heading === heading) || best.nearest?.words !== undefined) return [];
    const text = definitionsOf(field === undefined ? input.train : withField(input.train, field));
    if (text === undefined) return [];
    const what = field === undefined ? 'The labels' : `The values of ${field}`;
    const hypothesis = `${what} are not told apart by their names: say which words stand for each, from the training rows.`;
    const about = { id: heading, kind: 'definitions' as const, reach: failing / fields.length, hypothesis };
    return [ready(about, added(best, section(heading, text)))];
  });
  return [...likely, ...defined];
}

/** Of many labels only those of the looked-up examples are defined: the others would drown them. */
function likelyMoves(train: readonly Example[], best: Variant, failing: number): readonly Move[] {
  const { nearest } = best;
  if (nearest === undefined || nearest.words !== undefined) return [];
  const groups = wordsByAnswer(train);
  const words = [...groups].flatMap(([label, own]) => {
    const telling = tellingWords(own, withoutGroup(groups, label), wordsPerLabel.most);
    return telling.length === 0 ? [] : [[label, telling] as const];
  });
  if (words.length < 2) return [];
  const hypothesis = 'The labels of the looked-up examples are not told apart by their names: say which words stand for each.';
  const about = { id: 'likely labels', kind: 'definitions' as const, reach: failing, hypothesis };
  return [ready(about, { ...best, nearest: { ...nearest, words: Object.fromEntries(words) } })];
}

function definitionsOf(train: readonly Example[]): string | undefined {
  const groups = wordsByAnswer(train);
  if (groups.size < 2 || groups.size > mostDefined) return undefined;
  const { fewest, most } = wordsPerLabel;
  const count = Math.max(fewest, Math.min(most, Math.floor(wordsInAll / groups.size)));
  const lines = [...groups].flatMap(([label, own]) => {
    const words = tellingWords(own, withoutGroup(groups, label), count);
    return words.length === 0 ? [] : [`${label}: ${words.join(', ')}`];
  });
  return lines.length < 2 ? undefined : list(lines);
}

/** What answers of the training split have in common: how they begin and how long they are. */
function styleMoves(train: readonly Example[], best: Variant, failing: number): readonly Move[] {
  const answers = train.flatMap(({ expected }) => (typeof expected === 'string' && expected.trim() !== '' ? [expected.trim()] : []));
  if (answers.length < 5 || best.prompt.sections.some(({ heading }) => heading === 'Style')) return [];
  const lengths = answers.map((answer) => answer.split(/\s+/).length).sort((a, b) => a - b);
  const length = lengths[Math.floor(lengths.length / 2)] as number;
  const openings = commonest(answers.map((answer) => answer.split(/\s+/).slice(0, 2).join(' ')));
  const begins = openings.filter(({ n }) => n >= answers.length / 10).slice(0, 4);
  const lines = [
    ...(begins.length === 0 ? [] : [`Begin as in: ${begins.map(({ text }) => JSON.stringify(text)).join(', ')}.`]),
    `Answer in about ${length} words.`,
  ];
  const hypothesis = 'The form of a good answer is not clear: say how the training answers begin and how long they are.';
  return [ready({ id: 'Style', kind: 'definitions', reach: failing, hypothesis }, added(best, section('Style', list(lines))))];
}

/** What tells labels apart that are taken for each other: all seen confusions at once, and those that the training rows suggest. */
export function tellApartMoves({ input, best, failing, failures, near }: Standing): readonly Move[] {
  if (input.task.output.kind !== 'labels' || best.prompt.sections.some(({ heading }) => heading === 'Easily confused')) return [];
  const seen = failures.flatMap(({ pair }) => (pair === undefined ? [] : [[pair.expected, pair.answered] as const]));
  const pairs = new Map(
    [...seen, ...near.map(({ one, other }) => [one, other] as const)].map((pair) => [[...pair].sort().join('|'), pair]),
  );
  const groups = wordsByAnswer(input.train);
  const lines = [...pairs.values()].flatMap(([one, other]) => {
    const [first, second] = [groups.get(one), groups.get(other)];
    if (first === undefined || second === undefined) return [];
    const [mine, theirs] = [tellingWords(first, second, wordsPerPair), tellingWords(second, first, wordsPerPair)];
    return mine.length === 0 || theirs.length === 0 ? [] : [apartLine([one, mine], [other, theirs])];
  });
  if (lines.length === 0) return [];
  const [worst] = failures.filter(({ pair }) => pair !== undefined);
  const hypothesis = `Labels are taken for each other${worst === undefined ? '' : ` (${worst.name}: ${worst.rows} of ${worst.of} rows)`}: say what tells them apart.`;
  const about = { id: 'Easily confused', kind: 'lines that tell apart' as const, reach: failing, hypothesis };
  return [ready(about, added(best, section('Easily confused', list(lines.slice(0, pairsTold)))))];
}

/** One line against each of the commonest failures. */
export function lineMoves({ input, best, failures, failing }: Standing): readonly Move[] {
  const all = failures.reduce((sum, { rows }) => sum + rows, 0);
  return failures.slice(0, modesTried).flatMap((failure): Move[] => {
    const line = lineAgainst(failure, input.train);
    if (line === undefined || noted(best).includes(line.text)) return [];
    const reach = (failing * failure.rows) / all;
    return [
      ready({ id: `line ${failure.name}`, kind: 'line against a failure', reach, hypothesis: line.hypothesis }, withNote(best, line.text)),
    ];
  });
}

function lineAgainst({ kind, pair, about, name }: Failure, train: readonly Example[]): { text: string; hypothesis: string } | undefined {
  if (kind === 'confusion' && pair !== undefined) {
    const groups = wordsByAnswer(train);
    const [own, other] = [groups.get(pair.expected), groups.get(pair.answered)];
    const words = own === undefined || other === undefined ? [] : tellingWords(own, other, wordsPerPair);
    if (words.length === 0) return undefined;
    return {
      text: `Messages that say ${words.join(', ')} are ${pair.expected}, not ${pair.answered}.`,
      hypothesis: `${pair.expected} is read as ${pair.answered}: say what tells them apart.`,
    };
  }
  if (kind === 'reason' && about !== undefined) {
    return { text: `Above all: ${about}.`, hypothesis: `A rule is not kept (${about}): say it again, above all others.` };
  }
  if (kind === 'unreadable') {
    return {
      text: 'Write the answer alone: no explanation, no quotation marks, nothing before or after it.',
      hypothesis: `There is ${name}: ask for the answer alone.`,
    };
  }
  if (kind === 'field' && about !== undefined) {
    const values = commonest(withField(train, about).map(({ expected }) => expectedText(expected as Json)));
    if (values.length === 0) return undefined;
    const shown = values
      .slice(0, 12)
      .map(({ text }) => text)
      .join(', ');
    return {
      text: `The field ${about} holds one of these or one like them: ${shown}.`,
      hypothesis: `The field ${about} is often wrong: say what it holds.`,
    };
  }
  return undefined;
}

/** The examples with one field of what is expected as the whole of it. */
function withField(train: readonly Example[], field: string): readonly Example[] {
  return train.flatMap((example) => {
    const value = isJsonObject(example.expected) ? example.expected[field] : undefined;
    return typeof value === 'string' ? [{ ...example, expected: value }] : [];
  });
}

function commonest(texts: readonly string[]): readonly { readonly text: string; readonly n: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, n]) => ({ text, n })).sort((a, b) => b.n - a.n || (a.text < b.text ? -1 : 1));
}

function noted({ prompt }: Variant): string {
  return prompt.sections.find(({ heading }) => heading === notes)?.text ?? '';
}

function withNote(best: Variant, line: string): Variant {
  const own = best.prompt.sections.find(({ heading }) => heading === notes);
  if (own === undefined) return added(best, section(notes, list([line])));
  const sections = best.prompt.sections.map((each) => (each === own ? section(notes, `${own.text}\n${list([line])}`) : each));
  return { ...best, prompt: { ...best.prompt, sections } };
}

function added(best: Variant, extra: Section): Variant {
  return { ...best, prompt: { ...best.prompt, sections: beforeFormat(best.prompt.sections, [extra]) } };
}
