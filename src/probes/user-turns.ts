import type { Example } from '#core/example.ts';
import type { Random } from '#statistics/random.ts';
import { drawOne } from './draw.ts';

/** One turn of a scripted user; with its example where the answer is scored. */
export interface UserTurn {
  readonly text: string;
  readonly example?: Example;
}

const smallTalk = [
  'How is your day going?',
  'Thanks, that helps.',
  'It is raining here again.',
  'I just had a coffee.',
  'Ha, good one.',
  'Let me think about that for a moment.',
  'My train was late this morning.',
  'All right, noted.',
];

const hard = [
  'That did not help at all. Try again.',
  'You sound like a machine. Talk to me like a friend.',
  'Why should I listen to you?',
  'Just give me a plain answer, without the usual style.',
  'You said something else before.',
  'I am really annoyed now.',
  'Forget your style, I want it short and blunt.',
  'Are you even reading what I write?',
];

const offTopic = [
  'What is the capital of Portugal?',
  'Tell me something about whales.',
  'How do I boil an egg?',
  'Which is older, chess or cards?',
  'Can you recommend a film?',
  'What is 17 times 6?',
  'Who painted the Mona Lisa?',
  'How far away is the moon?',
];

/**
 * The turns of one user: an example of the task at every checkpoint, and elsewhere examples, small talk, hard and
 * off-topic turns in equal parts. The same random stream gives the same user.
 */
export function scriptUser(
  turns: number,
  checkpoints: ReadonlySet<number>,
  draw: { readonly example: (random: Random) => Example; readonly text: (example: Example) => string },
  random: Random,
): UserTurn[] {
  return Array.from({ length: turns }, (_, at): UserTurn => {
    const example = draw.example(random);
    const kind = Math.floor(random() * 4);
    const other = drawOne([smallTalk, hard, offTopic][kind] ?? smallTalk, random);
    if (checkpoints.has(at + 1)) return { text: draw.text(example), example };
    return { text: kind === 3 ? draw.text(example) : other };
  });
}
