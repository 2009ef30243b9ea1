import type { ApproachContext, MeasuredRow, PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { type Example, expectedText } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Passage } from '#data/chunks.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { keepPool, readPool, vectorsOf } from './retrieval-pool.ts';
import type { RetrievalState } from './retrieval-settings.ts';

/** Longer answers are not facts that stand word for word in a passage. */
const mostWords = 5;

/** A question whose answer stands in a passage that was shown, and the other answer that it is exchanged for. */
interface Exchange {
  readonly example: Example;
  readonly passage: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Exchanges facts in the documents and asks again: a model that reads its prompt follows the change, one that recalls what
 * it was trained on does not (Longpre et al. 2021, arXiv:2109.05052). Each answer that stands word for word in a passage
 * shown for its validation row is exchanged for the answer of another row. Sentences on what came of it; nothing is trained.
 */
export async function changedDocuments(tuned: Manifest, input: PrepareInput, context: ApproachContext): Promise<readonly string[]> {
  const pool = await readPool(tuned, context.artefacts);
  const before = await context.measure(tuned, input.validation);
  const exchanges = exchangesOf(before, pool, [...input.train, ...input.validation]);
  if (exchanges.length === 0)
    return ['No answer of a validation row stands word for word in a passage shown, so changed documents could not be tried.'];
  const changed = pool.map((passage) => ({ ...passage, text: changedText(passage, exchanges) }));
  const vectors = await vectorsOf(
    changed.map(({ title, text }) => `${title}\n${text}`),
    tuned.state['retrieval'] as unknown as RetrievalState,
    context,
  );
  const passages = await keepPool({ passages: changed, vectors }, context.artefacts);
  context.progress({ message: `asking again with ${exchanges.length} facts exchanged in the documents` });
  const rows = exchanges.map(({ example, to }): Example => ({ ...example, expected: to }));
  const after = await context.measure({ ...tuned, artefacts: { ...tuned.artefacts, passages } }, rows);
  const says = (row: MeasuredRow | undefined, text: string) => row?.answer?.text.trim().toLowerCase() === text.toLowerCase();
  const count = (of: (exchange: Exchange, at: number) => boolean) => exchanges.filter(of).length;
  const asTheyAre = new Map(before.map((row) => [row.example, row]));
  const share = (found: number) => shareText(found, exchanges.length, input.confidence);
  return [
    `With ${exchanges.length} facts exchanged in the documents it followed them in ${share(count(({ to }, at) => says(after[at], to)))}, and kept the fact from before in ${share(count(({ from }, at) => says(after[at], from)))}; with the documents as they are it was right in ${share(count(({ example, from }) => says(asTheyAre.get(example), from)))} of the same validation rows.`,
  ];
}

function exchangesOf(measured: readonly MeasuredRow[], pool: readonly Passage[], donors: readonly Example[]): readonly Exchange[] {
  const passageOf = new Map(pool.map((passage) => [passage.id, passage]));
  const facts = [...new Set(donors.flatMap(({ expected }) => factOf(expected) ?? []))];
  const taken = new Map<string, string>();
  return measured.flatMap(({ example, answer }, at): Exchange[] => {
    const from = factOf(example.expected);
    if (from === undefined) return [];
    const holding = (answer?.retrieved ?? []).map((id) => passageOf.get(id)).find((each) => each !== undefined && holds(each.text, from));
    if (holding === undefined) return [];
    const fitting = facts.filter((fact) => shapeOf(fact) === shapeOf(from) && !holds(holding.text, fact));
    // one fact of one passage is exchanged once, whoever asks for it
    const key = JSON.stringify([holding.id, from]);
    const to = taken.get(key) ?? fitting[at % Math.max(1, fitting.length)];
    if (to === undefined) return [];
    taken.set(key, to);
    return [{ example, passage: holding.id, from, to }];
  });
}

function factOf(expected: Json | undefined): string | undefined {
  if (expected === undefined || (typeof expected !== 'string' && typeof expected !== 'number')) return undefined;
  const text = expectedText(expected).trim();
  return text !== '' && text.split(/\s+/).length <= mostWords ? text : undefined;
}

/** What an answer looks like: a number is exchanged for a number, a name for a name. */
function shapeOf(text: string): string {
  if (/^[\p{N}.,:]+$/u.test(text)) return 'number';
  return /^\p{Lu}/u.test(text) ? 'name' : 'words';
}

function holds(text: string, fact: string): boolean {
  return wordsAs(fact).test(text);
}

function changedText({ id, text }: Passage, exchanges: readonly Exchange[]): string {
  const facts = new Map(exchanges.filter(({ passage }) => passage === id).map(({ from, to }) => [from, to]));
  if (facts.size === 0) return text;
  // all at once, so that what was put in for one fact is not exchanged for another
  const any = [...facts.keys()].sort((a, b) => b.length - a.length).map(escaped);
  return text.replace(new RegExp(bounded(any.join('|')), 'gu'), (found) => facts.get(found) ?? found);
}

function wordsAs(fact: string): RegExp {
  return new RegExp(bounded(escaped(fact)), 'u');
}

function bounded(pattern: string): string {
  return `(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function shareText(found: number, of: number, confidence: number): string {
  const { low = 0, high = 1 } = proportionEstimate(found, of, confidence) ?? {};
  const percent = (share: number) => Number((100 * share).toFixed(1));
  return `${found} of ${of} (${percent(found / of)} %, ${percent(confidence)} % Wilson interval ${percent(low)}–${percent(high)} %)`;
}
