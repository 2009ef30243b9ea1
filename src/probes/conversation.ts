import type { Answer, Candidate } from '#core/candidate.ts';
import type { Message } from '#core/message.ts';
import { ask } from './ask.ts';
import type { UserTurn } from './user-turns.ts';

export interface ConversationPlan {
  readonly turns: readonly UserTurn[];
  /** A system turn that comes before the first. */
  readonly system?: string;
  /** Between checkpoints the user's turns are the candidate's own, from the other side. */
  readonly selfChat: boolean;
  /** Turns before the current one that are sent with it. Where absent, all of them, and the latest that the model can read once those are too many. */
  readonly history?: number;
  /** Stands behind the user's turn every so many turns, never in one whose answer is scored: there it waits a turn. */
  readonly reminder?: { readonly every: number; readonly text: string };
}

export interface Conversation {
  /** Turn, counted from 1, with the answer to it: the turns that have an example. */
  readonly answers: readonly { readonly turn: number; readonly user: UserTurn; readonly answer: Answer }[];
  /** Why it ended before its last turn. */
  readonly ended?: string;
  /** The first turn that could not be sent with all turns before it. */
  readonly cutFrom?: number;
  /** Tokens of all prompts; NaN where a call does not say. */
  readonly inputTokens: number;
}

/** Holds a conversation to its end, or to the first turn that brings no answer. */
export async function converse(candidate: Candidate, plan: ConversationPlan, signal: AbortSignal): Promise<Conversation> {
  const messages: Message[] = plan.system === undefined ? [] : [{ role: 'system', content: plan.system }];
  const answers: { turn: number; user: UserTurn; answer: Answer }[] = [];
  let inputTokens = 0;
  let remindedAt = 0;
  let history = plan.history;
  let cutFrom: number | undefined;
  // as a product with a bounded context does: the oldest turns go first
  const askWithin = async (turn: number, said: readonly Message[], view: (messages: Message[]) => Message[]) => {
    for (;;) {
      const asked = await ask(candidate, { messages: view(within(said, history)) }, signal);
      const sent = Math.min(history ?? Number.POSITIVE_INFINITY, Math.floor(said.length / 2));
      if (asked.answer !== undefined || !asked.tooLong || plan.history !== undefined || sent === 0) return asked;
      cutFrom ??= turn;
      history = Math.floor(sent * 0.75);
    }
  };
  const outcome = (ended?: string): Conversation => ({
    answers,
    inputTokens,
    ...(ended === undefined ? {} : { ended }),
    ...(cutFrom === undefined ? {} : { cutFrom }),
  });
  const count = ({ calls }: Answer) => {
    for (const { usage } of calls) inputTokens += usage?.inputTokens ?? Number.NaN;
  };
  for (const [at, user] of plan.turns.entries()) {
    let text = user.text;
    if (plan.selfChat && user.example === undefined && at > 0) {
      const other = await askWithin(at + 1, messages, otherSide);
      if (other.answer === undefined) return outcome(`turn ${at + 1}, the user's side: ${other.why}`);
      count(other.answer);
      text = other.answer.text;
    }
    const { reminder } = plan;
    const reminded = reminder !== undefined && user.example === undefined && at + 1 - remindedAt >= reminder.every;
    if (reminded) remindedAt = at + 1;
    messages.push({ role: 'user', content: reminded ? `${text}\n${reminder.text}` : text });
    const asked = await askWithin(at + 1, messages, (sent) => sent);
    if (asked.answer === undefined) return outcome(`turn ${at + 1}: ${asked.why}`);
    count(asked.answer);
    messages.push({ role: 'assistant', content: asked.answer.text });
    if (user.example !== undefined) answers.push({ turn: at + 1, user, answer: asked.answer });
  }
  return outcome();
}

/** The system turn and so many of the latest turns, of two messages each, and the message that is to be answered. */
function within(messages: readonly Message[], history: number | undefined): Message[] {
  if (history === undefined) return [...messages];
  const system = messages.filter(({ role }) => role === 'system');
  const turns = messages.slice(system.length);
  const open = turns.length % 2;
  return [...system, ...turns.slice(Math.max(0, turns.length - 2 * history - open))];
}

/** The conversation as the user has it: the answers are what is said to them. A service wants the user's turn first. */
function otherSide(messages: readonly Message[]): Message[] {
  const turned = messages.flatMap(({ role, content }): Message[] =>
    role === 'system' ? [] : [{ role: role === 'user' ? 'assistant' : 'user', content }],
  );
  return [{ role: 'user', content: 'Hello.' }, ...turned];
}
