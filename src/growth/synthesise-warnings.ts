import { RungError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import { collapseShare, collapseSource, type SynthesisReport } from './synthesise-report.ts';
import type { Grown } from './synthesise-rows.ts';
import type { Teacher } from './synthesise-teacher.ts';

/** A candidate below this on its own task is not much of a teacher; a line of Rung's own. */
const weakTeacher = 0.8;
/** Kinds that the probe `format` tests with other wording: case, punctuation, words around a question, wrapped text. */
const probedKinds: readonly string[] = ['noise', 'persona', 'length', 'format'];

/** What a user should know before training on the rows. */
export function synthesisWarnings(about: {
  readonly share: SynthesisReport['share'];
  readonly teacher: Teacher;
  readonly kinds: readonly string[];
  /** Parents of the rows that were written. */
  readonly parents: readonly Example[];
  readonly grown: Pick<Grown, 'ended' | 'tried'>;
  readonly wanted: number;
  readonly written: number;
  /** True where the candidate learnt from the rows that are varied. */
  readonly selfTaught: boolean;
  /** True where hard rows were asked for and no border was found. */
  readonly borderless: boolean;
}): string[] {
  const { share, teacher, kinds, parents, grown, wanted, written, selfTaught, borderless } = about;
  const warnings: string[] = [];
  if (share.value > collapseShare) {
    warnings.push(
      `With these, ${share.synthetic} of ${share.rows} training rows (${percent(share.value)}) are synthetic, more than half: keep the real rows and add more (${collapseSource}).`,
    );
  }
  const { measured } = teacher;
  if (measured === undefined) warnings.push('How good the candidate is was not measured: run rung climb, so that the best one answers.');
  else if (measured.value < weakTeacher) {
    warnings.push(
      `The candidate's ${measured.metric} is ${percent(measured.value)} (${percent(measured.low)} to ${percent(measured.high)}, n ${measured.n}, ${measured.method}): answers that nothing scores are as often wrong.`,
    );
  }
  if (selfTaught) {
    warnings.push(
      'The candidate was trained on the rows that were varied: it can teach steadiness, and little that they do not say. A stronger one goes with --from.',
    );
  }
  const alone = new Set(parents.filter(({ group, split }) => group === undefined && split === undefined));
  if (alone.size > 0) {
    warnings.push(
      `${alone.size} of the rows varied from have no group and no split of their own: freeze the split (rung data split) before these rows are added, or a parent may come to lie in the test part.`,
    );
  }
  const shared = kinds.filter((kind) => probedKinds.includes(kind));
  if (shared.length > 0) {
    warnings.push(
      `${shared.join(', ')}: changes of these kinds are tested by the probe format, too. No row here equals one of its inputs, yet after training on them it says less about changes that were never seen.`,
    );
  }
  if (borderless)
    warnings.push('No border between labels was found (rows with at least two labels are needed): hard rows were drawn from any row.');
  if (written < wanted && grown.ended !== 'budget')
    warnings.push(`Only ${written} of ${wanted} rows: ${grown.tried.length} tries were made, and the others came to nothing.`);
  return warnings;
}

/** The error of a run in which every attempt failed. */
export function nothingKept(rejected: SynthesisReport['rejected'], ofCheck: string | undefined): RungError {
  const [most] = rejected;
  return new RungError({
    code: 'nothing-synthesised',
    message:
      most === undefined
        ? `No row is left to write: ${ofCheck ?? 'nothing was tried.'}`
        : `No row is left to write: most were turned down as ${most.why} (${most.example}).`,
    hint: 'Try other kinds with --vary, a stronger rung with --from, or a lower --minimum.',
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
