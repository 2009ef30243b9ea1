import type { MeasuredRow } from '#core/approach.ts';
import type { Example } from '#core/example.ts';
import type { Shot } from '#core/prompt.ts';
import type { Variant } from './optimized-history.ts';
import type { Ledger } from './optimized-ledger.ts';
import type { Move, Standing } from './optimized-moves.ts';

const asked = 12;
const shown = 8;
const fewest = 2;

/** Training rows that a version is asked, for its own answers and for its failures. */
export function trainingRows({ input }: Pick<Standing, 'input'>): readonly Example[] {
  return input.train.filter(({ expected }) => expected !== undefined).slice(0, asked);
}

/**
 * Shows the model answers of its own that were scored right (bootstrapped demonstrations: Khattab et al. 2023, arXiv
 * 2310.03714).
 */
export function ownAnswerMoves(standing: Standing, ledger: Ledger, unasked: number): readonly Move[] {
  const { best, failing } = standing;
  const rows = trainingRows(standing);
  if (rows.length < fewest || best.nearest !== undefined || best.shots.length > 0) return [];
  return [
    {
      id: 'own answers',
      kind: 'own answers',
      hypothesis: `Its own right answers show the model what it can do: show up to ${shown} of them.`,
      reach: failing,
      calls: unasked,
      async make() {
        const shots = rightAnswers(await ledger.measure(best, rows));
        if (shots.length < fewest) return { nothing: `of ${rows.length} training rows ${shots.length} were answered right` };
        return { prompt: best.prompt, shots };
      },
    },
  ];
}

function rightAnswers(rows: readonly MeasuredRow[]): readonly Shot[] {
  const right = rows.filter(({ score, answer }) => answer?.strict === true && score !== null && score >= 1);
  return right.slice(0, shown).map(({ example, answer }) => ({ input: example.input, answer: (answer?.text ?? '').trim() }));
}

/** The version that training rows are asked: without looked-up examples, among which a training row would find itself. */
export function withoutLookup({ prompt, shots }: Variant): Variant {
  return { prompt, shots };
}
