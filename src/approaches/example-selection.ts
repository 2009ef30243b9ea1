import { type Example, type Input, textOf } from '#core/example.ts';
import { openPassageIndex, type PassageIndex, type Search } from '#data/passage-index.ts';

/**
 * A fixed set that differs as much as it can: labels (or whole answers) in turn, and within each the example that
 * shares the fewest words with those taken (greedy max-min over Jaccard distance; Gonzalez 1985). Ties go by id.
 */
export function diverseExamples(examples: readonly Example[], count: number): readonly Example[] {
  return takeInTurn(examples, Math.min(count, examples.length));
}

/**
 * As `diverseExamples`, but every label (or whole answer) equally often, as far as whole rounds fit in `count`: a model
 * leans to labels that it sees more often (Zhao et al. 2021, arXiv 2102.09690). Where not even one round fits, one
 * example each of as many labels as do.
 */
export function balancedExamples(examples: readonly Example[], count: number): readonly Example[] {
  const sizes = [...byAnswer(examples).values()].map((group) => group.length);
  const rounds = Math.min(Math.floor(count / Math.max(1, sizes.length)), ...sizes);
  return takeInTurn(examples, rounds === 0 ? Math.min(count, sizes.length) : rounds * sizes.length);
}

/** Groups by short text answers, in the order of their first ids; all other answers are one group. */
function byAnswer(examples: readonly Example[]): Map<string, Example[]> {
  const groups = new Map<string, Example[]>();
  for (const example of [...examples].sort(byId)) {
    const answer = typeof example.expected === 'string' && example.expected.length <= 80 ? example.expected : '';
    groups.set(answer, [...(groups.get(answer) ?? []), example]);
  }
  return groups;
}

function takeInTurn(examples: readonly Example[], count: number): readonly Example[] {
  const queues = [...byAnswer(examples).values()];
  const words = new Map(examples.map((example) => [example.id, wordsOf(example.input)]));
  const chosen: Example[] = [];
  for (let turn = 0; chosen.length < count; turn++) {
    const queue = queues[turn % queues.length] as Example[];
    const best = farthest(queue, chosen, words);
    if (best === undefined) continue;
    chosen.push(best);
    queue.splice(queue.indexOf(best), 1);
  }
  return chosen;
}

function farthest(
  queue: readonly Example[],
  chosen: readonly Example[],
  words: ReadonlyMap<string, ReadonlySet<string>>,
): Example | undefined {
  const none: ReadonlySet<string> = new Set();
  const distance = (example: Example) =>
    Math.min(1, ...chosen.map((other) => jaccardDistance(words.get(example.id) ?? none, words.get(other.id) ?? none)));
  let best: { example: Example; distance: number } | undefined;
  for (const example of queue) {
    const candidate = { example, distance: distance(example) };
    if (best === undefined || candidate.distance > best.distance) best = candidate;
  }
  return best?.example;
}

function jaccardDistance(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = a.intersection(b).size;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : 1 - shared / all;
}

function wordsOf(input: Input): ReadonlySet<string> {
  return new Set(
    textOf(input)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [],
  );
}

/**
 * Finds the examples nearest to an input; the nearest comes last, next to the question. `vectors` are those of the
 * examples, in their order, where the search uses embeddings.
 */
export class NearestExamples {
  readonly #index: PassageIndex;
  readonly #examples: readonly Example[];
  readonly #exampleOf: ReadonlyMap<string, Example>;

  constructor(examples: readonly Example[], search: Search = 'bm25', vectors: readonly Float32Array[] = []) {
    const order = [...examples.keys()].sort((a, b) => byId(examples[a] as Example, examples[b] as Example));
    this.#examples = order.map((index) => examples[index] as Example);
    this.#exampleOf = new Map(this.#examples.map((example) => [example.id, example]));
    const asPassages = this.#examples.map(({ id, input }) => ({ id, title: '', text: textOf(input) }));
    const inOrder = vectors.length === 0 ? [] : order.map((index) => vectors[index] as Float32Array);
    this.#index = openPassageIndex(asPassages, search, inOrder);
  }

  /** `vector` is the input's embedding, where the search uses embeddings. */
  nearest(input: Input, count: number, vector?: Float32Array): readonly Example[] {
    const found = this.#index.find(textOf(input), count, vector).map(({ id }) => this.#exampleOf.get(id) as Example);
    // too few share a word with the input: the first of the others fill up, so that the prompt keeps its form
    const rest = this.#examples.filter((example) => !found.includes(example)).slice(0, count - found.length);
    return [...rest, ...found.reverse()];
  }
}

function byId(a: Example, b: Example): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
