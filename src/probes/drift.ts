import { type Example, textOf } from '#core/example.ts';
import { defineProbe, type ProbeCase, type ProbeInput, type ProbeOutcome } from '#core/probe.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { clustersOf } from '#statistics/clusters.ts';
import { seededRandom } from '#statistics/random.ts';
import { pairedScores } from '#statistics/scores.ts';
import { inParallel } from './ask.ts';
import { type Conversation, converse } from './conversation.ts';
import { drawOne, needExamples } from './draw.ts';
import { oneOf, optionalText, readOptions, wholeNumber } from './options.ts';
import { type PromptCheck, readPromptChecks } from './prompt-checks.ts';
import { scorer } from './scorer.ts';
import { scriptUser } from './user-turns.ts';

const known = {
  turns: wholeNumber(20, 1, 1000),
  conversations: wholeNumber(8, 1, 10_000),
  users: oneOf(['scripted', 'self-chat']),
  history: wholeNumber(0, 0, 1000),
  reminder: wholeNumber(0, 0, 1000),
  reminderText: optionalText('a text'),
  pairs: optionalText('the path of a JSONL file of prompt-and-check pairs'),
};

/** Turns at which consistency is followed: near to even steps of their logarithm. */
const followed = [1, 5, 10, 20, 50, 100];

/** One conversation in one of its arms. */
interface Arm {
  readonly name: string;
  readonly seed: number;
  readonly reminded: boolean;
  readonly pair?: PromptCheck;
}

interface Point {
  readonly group: string;
  readonly turn: number;
  readonly score: number;
}

/**
 * Consistency over the turns of a conversation, with scripted users or the candidate talking to itself; the answers
 * become part of the conversation. After Li et al. 2024 (arXiv 2402.10962), whose prompt-and-check pairs can be given.
 * With reminders every conversation is held twice, by the same user: the difference is what the reminder does. It never
 * stands in a turn that is scored, so that what is seen lasts longer than the reminder itself.
 */
export const drift = defineProbe({
  id: 'drift',
  summary: 'Whether answers keep to the task or persona as the conversation goes on.',
  measures: [
    { id: 'consistency', summary: 'Leading metric, or share of checks kept, over the followed turns.', better: 'higher' },
    { id: 'consistencyReminded', summary: 'The same in the same conversations with a reminder every few turns.', better: 'higher' },
  ],
  checkOptions: (options) => void readOptions('drift', options, known),
  forecast({ options: given }) {
    const { turns, conversations, users, history, reminder, pairs } = readOptions('drift', given, known);
    const sent = Array.from({ length: turns }, (_, at) => (history === 0 ? at + 1 : Math.min(at, history) + 1));
    const followedTurns = followed.filter((turn) => turn < turns).length + 1;
    const own = users === 'self-chat' ? turns - followedTurns : 0;
    const arms = conversations * (reminder > 0 ? 2 : 1);
    return { questions: pairs === undefined ? arms * (turns + own) : null, turns: sent.reduce((sum, each) => sum + each, 0) / turns };
  },
  async run(candidate, input, context) {
    const options = readOptions('drift', input.options, known);
    needExamples('drift', input.examples);
    const all = options.pairs === undefined ? undefined : await readPromptChecks(options.pairs, input.folder);
    const pairs = all?.filter(({ unjudged }) => unjudged === undefined);
    const score = pairs === undefined ? scorer('drift', input) : undefined;
    const checkpoints = new Set([...followed.filter((turn) => turn < options.turns), options.turns]);
    const arms = armsOf(options.conversations, options.reminder > 0, pairs, input.seed);
    const text = options.reminderText ?? `(Reminder: ${gistOf(input.task)})`;

    const talks = await inParallel(arms, { ...context, concurrency: input.concurrency }, (arm) => {
      const drawExample = (random: () => number): Example => drawOne(input.examples, random);
      const textFor = (example: Example) => textOf(example.input);
      const script = scriptUser(options.turns, checkpoints, { example: drawExample, text: textFor }, seededRandom(arm.seed));
      const { pair } = arm;
      const turns = script.map((turn) =>
        turn.example === undefined || pair?.question === undefined ? turn : { ...turn, text: pair.question },
      );
      return converse(
        candidate,
        {
          turns,
          selfChat: options.users === 'self-chat',
          ...(options.history > 0 ? { history: options.history } : {}),
          ...(pair === undefined ? {} : { system: pair.prompt }),
          ...(arm.reminded
            ? { reminder: { every: options.reminder, text: pair === undefined ? text : `(Reminder: ${pair.prompt})` } }
            : {}),
        },
        context.signal,
      );
    });

    const points = await Promise.all(
      arms.map(async ({ name, pair }, at) => {
        const scored = talks[at]!.answers.map(async ({ turn, user, answer }): Promise<Point[]> => {
          const value = pair === undefined ? await score!(user.example!, answer) : Number(pair.kept(answer.text));
          return value === null ? [] : [{ group: name, turn, score: value }];
        });
        return (await Promise.all(scored)).flat();
      }),
    );
    const outcomes = arms.flatMap(({ reminded }, at) =>
      points[at]!.map(({ group, turn, score }): ProbeOutcome => {
        return { measure: reminded ? 'consistencyReminded' : 'consistency', score, group, x: turn };
      }),
    );
    const cases = arms.map((arm, at) => caseOf(arm, points[at]!, talks[at]!));
    const effect = options.reminder > 0 ? reminderEffect(arms, points, talks, input, options.reminder) : [];
    return { probe: 'drift', outcomes, cases: [...effect, ...cases, ...notJudged(all ?? [])] };
  },
});

/** A case for each pair whose check nothing here can judge: they were not asked. */
function notJudged(pairs: readonly PromptCheck[]): ProbeCase[] {
  return pairs.flatMap(({ check, unjudged }, at) =>
    unjudged === undefined ? [] : [{ id: `pair ${at + 1}/${check}`, passed: true, reason: `not asked: ${unjudged}` }],
  );
}

function armsOf(conversations: number, reminded: boolean, pairs: readonly PromptCheck[] | undefined, seed: number): Arm[] {
  const count = pairs?.length ?? conversations;
  return Array.from({ length: count }, (_, at): Arm[] => {
    const pair = pairs?.[at];
    const plain = {
      name: `conversation ${at + 1}`,
      seed: seed + 7919 * (at + 1),
      reminded: false,
      ...(pair === undefined ? {} : { pair }),
    };
    return reminded ? [plain, { ...plain, reminded: true }] : [plain];
  }).flat();
}

/** What the candidate is to be reminded of, in a sentence or two. */
function gistOf({ instructions, persona }: TaskBrief): string {
  if (persona === undefined) return instructions;
  const pattern = persona.responsePattern.join('; ');
  return `${instructions} You are ${persona.name}, ${persona.role}${pattern === '' ? '' : `: ${pattern}`}.`;
}

function caseOf({ name, reminded, pair }: Arm, points: readonly Point[], { ended, cutFrom }: Conversation): ProbeCase {
  const about = {
    id: `${name}${reminded ? '/reminded' : ''}${pair === undefined ? '' : `/${pair.check}`}`,
    family: reminded ? 'reminded' : 'plain',
  };
  const [first, last] = [points[0], points.at(-1)];
  const cut = cutFrom === undefined ? '' : `; from turn ${cutFrom} on only the latest turns fit the model`;
  const note = ended === undefined ? cut : `${cut}; ended at ${ended}`;
  if (first === undefined || last === undefined) return { ...about, passed: ended === undefined, reason: `nothing could be scored${note}` };
  const reason = `${first.score.toFixed(2)} at turn ${first.turn}, ${last.score.toFixed(2)} at turn ${last.turn}${note}`;
  return { ...about, passed: last.score >= first.score && ended === undefined, reason };
}

/** The paired difference that reminders made over the same turns of the same users, and what they cost in prompt tokens. */
function reminderEffect(
  arms: readonly Arm[],
  points: readonly (readonly Point[])[],
  talks: readonly Conversation[],
  { confidence, seed }: ProbeInput,
  every: number,
): ProbeCase[] {
  const pairs = arms.flatMap(({ reminded }, at) =>
    reminded
      ? points[at]!.flatMap((point) => {
          const plain = points[at - 1]!.find(({ turn }) => turn === point.turn);
          return plain === undefined ? [] : [{ group: point.group, plain: plain.score, reminded: point.score }];
        })
      : [],
  );
  const difference = pairedScores(
    Float64Array.from(pairs, (pair) => pair.reminded),
    Float64Array.from(pairs, (pair) => pair.plain),
    { confidence, seed, clusters: clustersOf(pairs.map(({ group }) => group)) },
  );
  if (difference === undefined) return [];
  // a conversation that ended early has fewer tokens for that reason alone
  const whole = arms.flatMap(({ reminded }, at) => (reminded && !talks[at]!.ended && !talks[at - 1]!.ended ? [at] : []));
  const more = whole.reduce((sum, at) => sum + talks[at]!.inputTokens - talks[at - 1]!.inputTokens, 0) / whole.length;
  const cost = Number.isFinite(more) ? `; ${more.toFixed(0)} more prompt tokens a conversation, n ${whole.length}` : '';
  const sign = difference.value > 0 ? '+' : '';
  const figures = `${sign}${difference.value.toFixed(3)} (${difference.low.toFixed(3)} to ${difference.high.toFixed(3)}, n ${difference.n}, ${difference.method})`;
  return [{ id: `reminder every ${every} turns`, passed: difference.low > 0, reason: `consistency ${figures}${cost}` }];
}
