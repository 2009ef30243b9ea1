import type { Example } from '#core/example.ts';
import { sha256 } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import type { Persona } from '#core/task-brief.ts';
import { keptRules, type PersonaRule, personaRules } from './persona-rules.ts';
import { boundaryRequests, framings, openRequests, type TurnKind } from './persona-turns.ts';

/** A conversation in a persona's voice that ends in its answer; without a system turn. */
interface PersonaConversation {
  readonly kind: TurnKind;
  readonly messages: readonly Message[];
}

export interface ConversationInput {
  readonly persona: Persona;
  /** Rows of the training split; those whose expected answer is a text are used. */
  readonly train: readonly Example[];
  readonly seed: number;
  /** Most conversations. */
  readonly most: number;
  /** Writes answers to what no row answers, as a stronger model; undefined where it has none. Absent: nothing is asked. */
  readonly teacher?: (messages: readonly Message[]) => Promise<string | undefined>;
}

export interface PersonaConversations {
  readonly conversations: readonly PersonaConversation[];
  /** Answers that were left out because they broke a rule of the persona. */
  readonly broken: number;
}

interface Exchange {
  readonly kind: TurnKind;
  readonly user: string;
  readonly answer: string;
  readonly tags: readonly string[];
}

const fewestAnsweredTurns = 2;
const mostAnsweredTurns = 3;

/**
 * Conversations to train a voice on: the persona's own examples, the requests of the training rows put in other ways
 * (with a greeting, at length, in anger, with an order to drop the voice), several of them as one conversation, and the
 * topics that the persona keeps out of. Nothing is invented: an answer is the persona's, a row's, or the teacher's, and
 * one that breaks a rule for the message it would answer is left out. The same seed gives the same conversations.
 */
export async function personaConversations(input: ConversationInput): Promise<PersonaConversations> {
  const { persona, seed, most } = input;
  const rules = personaRules(persona);
  const own = ownExchanges(persona);
  const candidates = [
    ...own,
    ...[...own, ...rowExchanges(input.train)].flatMap(framed),
    ...boundaryExchanges(persona),
    ...(await taught(input)),
  ];
  const keeping = candidates.filter((exchange) => keeps(exchange, rules));
  const single = keeping.map(({ kind, user, answer }) => ({ kind, messages: turn(user, answer) }));
  const several = severalTurns(drawn(keeping.filter(fitsInConversation), seed + 1));
  return {
    conversations: mixed([...single, ...several], seed).slice(0, most),
    broken: candidates.length - keeping.length,
  };
}

function ownExchanges({ examples }: Persona): readonly Exchange[] {
  return examples.map(({ user, assistant }) => ({ kind: 'plain', user, answer: assistant, tags: [] }));
}

/** Rows of one turn with an answer in words; as they are a tune learns them anyway. */
function rowExchanges(train: readonly Example[]): readonly Exchange[] {
  return train.flatMap(({ input, expected, tags }) =>
    typeof input === 'string' && typeof expected === 'string' ? [{ kind: 'plain', user: input, answer: expected, tags }] : [],
  );
}

/** The same request in two other ways, by its place among the requests, so that all ways come equally often. */
function framed(exchange: Exchange, index: number): readonly Exchange[] {
  const half = Math.ceil(framings.length / 2);
  return [index, index + half].map((at) => {
    const { kind, frame } = framings[at % framings.length]!;
    return { ...exchange, kind, user: frame(exchange.user) };
  });
}

function boundaryExchanges({ boundaries = [] }: Persona): readonly Exchange[] {
  return boundaries.flatMap(({ topic, answer }) =>
    answer === undefined
      ? []
      : boundaryRequests.map((request) => ({ kind: 'boundary' as const, user: request(topic), answer, tags: [] as string[] })),
  );
}

/** How many messages a teacher is asked to answer. */
export function countTaught(persona: Persona): number {
  return openFor(persona).length;
}

function openFor({ boundaries = [] }: Persona): readonly { readonly kind: TurnKind; readonly user: string }[] {
  const unanswered = boundaries.filter(({ answer }) => answer === undefined);
  return [
    ...openRequests,
    ...unanswered.flatMap(({ topic }) => boundaryRequests.map((request) => ({ kind: 'boundary' as const, user: request(topic) }))),
  ];
}

async function taught({ persona, teacher }: ConversationInput): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  if (teacher === undefined) return exchanges;
  for (const { kind, user } of openFor(persona)) {
    const answer = (await teacher([{ role: 'user', content: user }]))?.trim();
    if (answer) exchanges.push({ kind, user, answer, tags: [] });
  }
  return exchanges;
}

function keeps({ user, answer, tags }: Exchange, rules: readonly PersonaRule[]): boolean {
  return keptRules(rules, { user, answer, tags }).broken.length === 0;
}

// long turns several times over would outgrow the context of a small model
function fitsInConversation({ kind }: Exchange): boolean {
  return kind !== 'long';
}

function severalTurns(exchanges: readonly Exchange[]): readonly PersonaConversation[] {
  const conversations: PersonaConversation[] = [];
  let at = 0;
  for (
    let turns = fewestAnsweredTurns;
    at + turns <= exchanges.length;
    turns = turns === mostAnsweredTurns ? fewestAnsweredTurns : turns + 1
  ) {
    const part = exchanges.slice(at, at + turns);
    conversations.push({ kind: 'several turns', messages: part.flatMap(({ user, answer }) => turn(user, answer)) });
    at += turns;
  }
  return conversations;
}

function turn(user: string, answer: string): readonly Message[] {
  return [
    { role: 'user', content: user },
    { role: 'assistant', content: answer },
  ];
}

/** The kinds in turn, each in a drawn order, so that any number of them from the start holds every kind. Nothing twice. */
function mixed(conversations: readonly PersonaConversation[], seed: number): readonly PersonaConversation[] {
  const seen = new Set<string>();
  const byKind = new Map<TurnKind, PersonaConversation[]>();
  for (const conversation of drawn(conversations, seed)) {
    const text = JSON.stringify(conversation.messages);
    if (seen.has(text)) continue;
    seen.add(text);
    byKind.set(conversation.kind, [...(byKind.get(conversation.kind) ?? []), conversation]);
  }
  const queues = [...byKind.values()];
  const rounds = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: rounds }, (_, round) => queues.flatMap((queue) => queue[round] ?? [])).flat();
}

/** In an order that depends on the seed and on the content alone, so that an added row moves no other. */
function drawn<T>(items: readonly T[], seed: number): readonly T[] {
  return items
    .map((item) => ({ item, key: sha256(`${seed}\n${JSON.stringify(item)}`) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ item }) => item);
}
