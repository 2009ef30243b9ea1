import { expectedText } from '#core/example.ts';
import { canonicalJson } from '#core/json.ts';
import type { Shot } from '#core/prompt.ts';
import { seededRandom } from '#statistics/random.ts';
import { balancedExamples, diverseExamples } from './example-selection.ts';
import { labelled, toShot } from './optimized-candidate.ts';
import type { Nearest, Variant } from './optimized-history.ts';
import { type Move, ready, type Standing } from './optimized-moves.ts';

const usual = 8;
const most = 32;
const usualNearest: Nearest = { shots: usual, search: 'fused', from: 'all', order: 'nearest-last' };

/** Changes to the examples that are shown before the question. */
export function exampleMoves(standing: Standing): readonly Move[] {
  const available = labelled(standing.input.train).length;
  if (available < 2) return [];
  return [...looked(standing, available), ...fixed(standing), ...ofConfusions(standing)];
}

function withNearest(best: Variant, nearest: Nearest): Variant {
  return { prompt: best.prompt, shots: [], nearest };
}

function looked({ best, failing }: Standing, available: number): readonly Move[] {
  const { nearest } = best;
  if (nearest === undefined) {
    const shots = Math.min(usual, available);
    const move = { id: 'nearest', kind: 'nearest examples' as const, reach: failing };
    const hypothesis = `The training rows most like the question show how it is answered: look up ${shots} for each question.`;
    return [ready({ ...move, hypothesis }, withNearest(best, { ...usualNearest, shots }))];
  }
  const change = (id: string, kind: Move['kind'], hypothesis: string, to: Partial<Nearest>) =>
    ready({ id: `nearest ${id}`, kind, reach: failing, hypothesis }, withNearest(best, { ...nearest, ...to }));
  const { shots, order, from, search } = nearest;
  const [more, fewer] = [Math.min(2 * shots, available), Math.floor(shots / 2)];
  return [
    ...(more > shots && more <= most
      ? [change(`${more}`, 'number of examples', `More examples settle more questions: show ${more} instead of ${shots}.`, { shots: more })]
      : []),
    ...(fewer >= 2
      ? [change(`${fewer}`, 'number of examples', `The furthest examples distract: show ${fewer} instead of ${shots}.`, { shots: fewer })]
      : []),
    change(
      order === 'nearest-last' ? 'first' : 'last',
      'order of examples',
      order === 'nearest-last'
        ? 'The first example weighs most: put the nearest one first.'
        : 'The last example weighs most: put the nearest one last.',
      { order: order === 'nearest-last' ? 'nearest-first' : 'nearest-last' },
    ),
    change(
      from === 'all' ? 'labels' : 'all',
      'choice of examples',
      from === 'all'
        ? 'Near examples of one answer crowd out the others: take the nearest of every answer in turn.'
        : 'Examples of every answer distract: take the nearest of all.',
      { from: from === 'all' ? 'labels' : 'all' },
    ),
    change(
      search === 'fused' ? 'words' : 'pieces',
      'choice of examples',
      search === 'fused'
        ? 'Pieces of words mislead: look up by whole words.'
        : 'Misspellings and other forms of a word are missed: look up by pieces of words, too.',
      { search: search === 'fused' ? 'bm25' : 'fused' },
    ),
  ];
}

function fixed({ input, best, failing: all }: Standing): readonly Move[] {
  // where looked-up examples were better than none, fixed ones seldom are better still
  const failing = best.nearest === undefined ? all : all / 4;
  const pool = labelled(input.train) as readonly Parameters<typeof toShot>[0][];
  const examples = input.train.filter(({ expected }) => expected !== undefined);
  const choose = (id: string, kind: Move['kind'], hypothesis: string, shots: readonly Shot[]): Move[] =>
    sameShots(best, shots) ? [] : [ready({ id: `fixed ${id}`, kind, reach: failing, hypothesis }, { prompt: best.prompt, shots })];
  const shown = (chosen: readonly { readonly id: string }[]) =>
    chosen.map(({ id }) => toShot(pool.find((row) => row.id === id) as Parameters<typeof toShot>[0]));
  const base = best.nearest === undefined && best.shots.length > 0;
  const more = 2 * (base ? best.shots.length : usual);
  return [
    ...choose(
      'balanced',
      'fixed examples',
      `Examples of every answer show what is wanted: show ${usual}, equally many of each.`,
      shown(balancedExamples(examples, usual)),
    ),
    ...choose(
      'diverse',
      'fixed examples',
      `Examples that differ as much as they can show what is wanted: show ${usual}.`,
      shown(diverseExamples(examples, usual)),
    ),
    ...(more <= most && examples.length >= more
      ? choose(
          `balanced ${more}`,
          base ? 'number of examples' : 'fixed examples',
          `More fixed examples settle more questions: show ${more}, equally many of each answer.`,
          shown(balancedExamples(examples, more)),
        )
      : []),
    ...(base && best.shots.length >= 4
      ? choose(
          `half of ${best.shots.length}`,
          'number of examples',
          'A shorter prompt is read better: show every second example.',
          best.shots.filter((_, index) => index % 2 === 0),
        )
      : []),
    ...(base
      ? choose(
          'order',
          'order of examples',
          'The order leans to the last answers: show the same examples in another order.',
          shuffled(best.shots, input.seed),
        )
      : []),
  ];
}

/** Training rows of labels that are taken for each other, behind the examples that are there. */
function ofConfusions({ input, best, failures }: Standing): readonly Move[] {
  if (best.nearest !== undefined) return [];
  const shown = new Set(best.shots.map((shot) => canonicalJson(shot.input)));
  return failures.slice(0, 3).flatMap(({ pair, rows, of }): Move[] => {
    if (pair === undefined || pair.expected === pair.answered) return [];
    const pick = (label: string) =>
      labelled(input.train)
        .filter((row) => expectedText(row.expected) === label && !shown.has(canonicalJson(row.input)))
        .slice(0, 2);
    const added = [...pick(pair.answered), ...pick(pair.expected)].map(toShot);
    if (added.length === 0 || best.shots.length + added.length > most) return [];
    const hypothesis = `${pair.expected} is read as ${pair.answered}: show examples of both.`;
    const about = {
      id: `examples ${pair.expected}|${pair.answered}`,
      kind: 'examples of a confusion' as const,
      reach: rows / of,
      hypothesis,
    };
    return [ready(about, { prompt: best.prompt, shots: [...best.shots, ...added] })];
  });
}

function sameShots(best: Variant, shots: readonly Shot[]): boolean {
  return best.nearest === undefined && canonicalJson(best.shots) === canonicalJson(shots);
}

/** Fisher and Yates's shuffle. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = seededRandom(seed);
  const order = [...items];
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
}
