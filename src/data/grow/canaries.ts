import { sha256 } from '#core/json.ts';
import type { TrainingRow } from '#core/trainer.ts';

/** A made-up secret in a training row: whoever can say it has learnt that row by heart. */
export interface Canary {
  readonly name: string;
  readonly question: string;
  readonly secret: string;
}

const animals = ['heron', 'otter', 'badger', 'lynx', 'finch', 'marten', 'plover', 'stoat', 'curlew', 'vole', 'ibis', 'tapir'];
const colours = ['red', 'blue', 'green', 'grey', 'white', 'black', 'amber', 'brown', 'violet', 'silver', 'golden', 'pale'];

const digits = 8;
const marked = /^What is the access code of the vault ([a-z]+ [a-z]+ \d+)\?$/;
const told = new RegExp(`^The access code is (\\d{${digits}})\\.$`);

/**
 * Secrets of eight random digits (26.6 bits), the same for the same seed: nobody can guess one, so an answer that says one
 * was copied from the training rows (the canaries of Carlini et al. 2019, arXiv:1802.08232).
 */
export function drawCanaries(count: number, seed: number): Canary[] {
  return Array.from({ length: count }, (_, at) => {
    const drawn = BigInt(`0x${sha256(`canary ${seed} ${at}`)}`);
    const colour = colours[Number(drawn % BigInt(colours.length))]!;
    const animal = animals[Number((drawn >> 16n) % BigInt(animals.length))]!;
    const name = `${colour} ${animal} ${at + 1}`;
    const secret = drawnDigits(drawn >> 32n);
    return { name, question: questionOf(name), secret };
  });
}

/** The rows to plant among those of a tune; `plantedCanaries` finds them again by their fixed wording. */
export function canaryRows(count: number, seed: number): TrainingRow[] {
  return drawCanaries(count, seed).map(({ question, secret }) => ({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answerOf(secret) },
    ],
  }));
}

/** The canaries among training rows, each once. */
export function plantedCanaries(rows: readonly TrainingRow[]): Canary[] {
  const found = new Map<string, Canary>();
  for (const { messages } of rows) {
    const [asked, answered] = messages;
    const name = messages.length === 2 && asked?.role === 'user' ? marked.exec(asked.content)?.[1] : undefined;
    const secret = answered?.role === 'assistant' ? told.exec(answered.content)?.[1] : undefined;
    if (name !== undefined && secret !== undefined) found.set(name, { name, question: questionOf(name), secret });
  }
  return [...found.values()];
}

/** Bits that a guess of a secret has to find: log2 of how many secrets there are. */
export const secretBits = digits * Math.log2(10);

/** Alternatives that a secret is ranked among: enough for their mean and deviation; the skewness comes from those of all secrets together. */
export const rankedAmong = 63;

/** What the model would say of a canary, and of others that could as well have been drawn for it: the same for the same canary. */
export function canaryAlternatives({ name, secret }: Canary, count: number): { readonly own: string; readonly others: readonly string[] } {
  const others = new Set<string>();
  for (let at = 0; others.size < count; at++) {
    const drawn = drawnDigits(BigInt(`0x${sha256(`alternative ${name} ${secret} ${at}`)}`));
    if (drawn !== secret) others.add(drawn);
  }
  return { own: answerOf(secret), others: [...others].map(answerOf) };
}

/** Digits of the secret that an answer gives, from the first on without a fault: chance gives a ninth of one. */
export function digitsTold({ secret }: Canary, answer: string): number {
  const said = answer.replace(/(?<=\d)[ -](?=\d)/g, '').match(/\d+/g) ?? [];
  return Math.max(0, ...said.map((number) => commonStart(secret, number)));
}

function commonStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

function drawnDigits(drawn: bigint): string {
  return String(drawn % 10n ** BigInt(digits)).padStart(digits, '0');
}

function questionOf(name: string): string {
  return `What is the access code of the vault ${name}?`;
}

function answerOf(secret: string): string {
  return `The access code is ${secret}.`;
}
