import type { Estimate } from '#core/estimate.ts';
import { cohenKappa } from '#statistics/judge.ts';
import { fewestCurveRows, type LabelCurve, labelCurve } from './label-curve.ts';
import type { Guesses, LabelTeacher, TaughtRow } from './label-teacher.ts';

export interface LearningOptions {
  readonly teacher: LabelTeacher;
  readonly labelCount: number;
  readonly rowCount: number;
  /** The rows labelled so far. */
  taught(): readonly TaughtRow[];
  readonly confidence: number;
  readonly seed: number;
  /** Called when something new was learnt. */
  readonly onLearnt?: () => void;
}

/** What the classifier behind the order of the rows knows, kept up to date between key presses. */
export interface LabelLearning {
  readonly margins: Float32Array | undefined;
  /** Labelled rows that the latest classifier learnt from. */
  readonly learntFrom: number;
  /** Agreement of each classifier with the one before it on the rows that nobody labelled, the latest last. */
  readonly agreements: readonly Estimate[];
  readonly curve: LabelCurve | undefined;
  /** Says that labels came; learning starts where enough came since. */
  notice(): void;
  /** Learns from all that there is, whether enough came or not. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

/** Rows that choose themselves by coverage before a first classifier is worth asking. */
const firstRows = 20;
/** A new classifier when the labelled rows grew by this share, and by this many. */
const growth = { share: 0.1, rows: 10 };
/** A new curve when the rows grew by this share. */
const curveGrowth = 0.25;

/** Whether so many labelled rows are worth a new classifier. */
export function isTimeToLearn(labelled: number, learntFrom: number): boolean {
  if (learntFrom === 0) return labelled >= firstRows;
  return labelled - learntFrom >= Math.max(growth.rows, Math.ceil(growth.share * learntFrom));
}

/** Trains in turns with the rest of the program, one classifier after another; nothing waits for it. */
export function labelLearning(options: LearningOptions): LabelLearning {
  const { teacher, labelCount, rowCount, confidence, seed } = options;
  const closing = new AbortController();
  const all = Array.from({ length: rowCount }, (_, index) => index);
  const agreements: Estimate[] = [];
  let guesses: Guesses | undefined;
  let learntFrom = 0;
  let curve: LabelCurve | undefined;
  let curveFrom = 0;
  let atWork: Promise<void> | undefined;
  const learn = async () => {
    const rows = options.taught();
    const classifier = await teacher.learn(rows, labelCount, closing.signal);
    const now = await teacher.guess(classifier, all, closing.signal);
    const agreement = guesses === undefined ? undefined : agreementOn(unlabelled(all, options.taught()), guesses, now, confidence);
    if (agreement !== undefined) agreements.push(agreement);
    guesses = now;
    learntFrom = rows.length;
    options.onLearnt?.();
    if (rows.length < fewestCurveRows || rows.length < curveFrom * (1 + curveGrowth)) return;
    curve = await labelCurve(teacher, rows, { labelCount, confidence, seed, signal: closing.signal });
    curveFrom = rows.length;
    options.onLearnt?.();
  };
  const work = async () => {
    while (isTimeToLearn(options.taught().length, learntFrom)) await learn();
  };
  const start = (job: () => Promise<void>) => {
    // closing ends a job in the middle: that is no fault
    atWork = job()
      .catch((error: unknown) => {
        if (!closing.signal.aborted) throw error;
      })
      .finally(() => {
        atWork = undefined;
      });
    return atWork;
  };
  return {
    get margins() {
      return guesses?.margins;
    },
    get learntFrom() {
      return learntFrom;
    },
    agreements,
    get curve() {
      return curve;
    },
    notice() {
      if (atWork === undefined && isTimeToLearn(options.taught().length, learntFrom)) void start(work);
    },
    async catchUp() {
      await atWork;
      const labelled = options.taught().length;
      if (labelled >= firstRows && labelled > learntFrom) await start(learn);
    },
    async close() {
      closing.abort(new DOMException('Labelling ended.', 'AbortError'));
      await atWork;
    },
  };
}

function unlabelled(all: readonly number[], taught: readonly TaughtRow[]): number[] {
  const labelled = new Set(taught.map(({ index }) => index));
  return all.filter((index) => !labelled.has(index));
}

/** Undefined where too little is unlabelled, or both classifiers give every row the same label. */
function agreementOn(rows: readonly number[], before: Guesses, now: Guesses, confidence: number): Estimate | undefined {
  const pairs = rows.map((index) => ({ judge: before.labels[index]!, human: now.labels[index]! }));
  return cohenKappa(pairs, { confidence });
}
