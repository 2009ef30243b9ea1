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
  /** Turns before the current one that are sent with it; all of them where absent, as long as the model can read them. */
  readonly history?: number;
  /** Stands behind the user's turn every so many turns, never in one whose answer is scored: there it waits a turn. */
  readonly reminder?: { readonly every: number; readonly text: string };
}

export interface Conversation {
  /** Turn, counted from 1, with the answer to it: the turns that have an example. */
  readonly answers: readonly { readonly turn: number; readonly user: UserTurn; readonly answer: Answer }[];
  /** Why it ended before its last turn. */
  readonly ended?: string;
  /** Tokens of all prompts; NaN where a call does not say. */
  readonly inputTokens: number;
}

/** Holds a conversation to its end, or to the first turn that brings no answer. */
export async function converse(candidate: Candidate, plan: ConversationPlan, signal: AbortSignal): Promise<Conversation> {
  const messages: Message[] = plan.system === undefined ? [] : [{ role: 'system', content: plan.system }];
  const answers: { turn: number; user: UserTurn; answer: Answer }[] = [];
  let inputTokens = 0;
  let remindedAt = 0;
  const count = ({ calls }: Answer) => {
    for (const { usage } of calls) inputTokens += usage?.inputTokens ?? Number.NaN;
  };
  for (const [at, user] of plan.turns.entries()) {
    let text = user.text;
    if (plan.selfChat && user.example === undefined && at > 0) {
      const other = await ask(candidate, { messages: otherSide(within(messages, plan.history)) }, signal);
      if (other.answer === undefined) return { answers, ended: `turn ${at + 1}, the user's side: ${other.why}`, inputTokens };
      count(other.answer);
      text = other.answer.text;
    }
    const { reminder } = plan;
    const reminded = reminder !== undefined && user.example === undefined && at + 1 - remindedAt >= reminder.every;
    if (reminded) remindedAt = at + 1;
    messages.push({ role: 'user', content: reminded ? `${text}\n${reminder.text}` : text });
    const asked = await ask(candidate, { messages: within(messages, plan.history) }, signal);
    if (asked.answer === undefined) return { answers, ended: `turn ${at + 1}: ${asked.why}`, inputTokens };
    count(asked.answer);
    messages.push({ role: 'assistant', content: asked.answer.text });
    if (user.example !== undefined) answers.push({ turn: at + 1, user, answer: asked.answer });
  }
  return { answers, inputTokens };
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
