import type { DataCheckInput, DataFinding } from '#core/data-check.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import { type CheckDataOptions, checkData } from '#data/check-data.ts';
import type { DataCheckDocument } from '#data/check-data-document.ts';
import type { UnreadableRow } from '#data/unreadable-row.ts';
import { seededRandom } from '#statistics/random.ts';
import { dataChecks } from './index.ts';

const subjects = [
  'kettle',
  'reading lamp',
  'woollen blanket',
  'speaker',
  'bicycle pump',
  'writing desk',
  'camera',
  'two-person tent',
  'guitar',
  'printer',
  'oil heater',
  'bathroom mirror',
  'rucksack',
  'alarm clock',
  'cordless drill',
  'garden hose',
];
const circumstances = [
  'since Tuesday evening',
  'after the long weekend',
  'while we were away on holiday',
  'during the move to our new flat',
  'just before my birthday',
  'for the second time this spring',
  'on the way back from work',
  'although the weather was fine',
  'right before closing time',
  'in the middle of the night',
  'when nobody was at home',
  'as soon as the snow had melted',
  'once the children were asleep',
  'between two meetings',
  'without any warning at all',
];
const people = [
  'my sister in the north',
  'the neighbour upstairs',
  'our office manager',
  'a colleague of mine',
  'the caretaker',
  'an old friend',
  'my landlord',
  'the new tenant',
  'our treasurer',
  'the head of the workshop',
  'a teacher at school',
  'my grandfather',
  'the woman next door',
  'the choir leader',
  'a cousin from abroad',
];
const endings = [
  'and nobody answers the telephone',
  'which surprised all of us',
  'so I would like some advice',
  'because the paper says something else',
  'and the deadline is close',
  'which makes no sense to me',
  'and I kept every slip',
  'so please have a look',
  'but the website shows nothing',
  'and I am a little worried',
  'which never happened before',
  'although I asked twice already',
  'and time is running short',
  'so tell me what comes next',
  'but perhaps I overlooked something',
];
const questions: Readonly<Record<string, readonly string[]>> = {
  billing: [
    'Why was the invoice wrong',
    'The bill shows a charge twice',
    'Someone paid the invoice already',
    'The price on my bill is higher',
    'A fee appears on the receipt',
    'My card was charged too much',
  ],
  shipping: [
    'Where is the parcel',
    'The courier left the package',
    'When does the delivery arrive',
    'The van drove past with my parcel',
    'Tracking shows the delivery elsewhere',
    'The carrier lost the package',
  ],
  returns: [
    'How do I send it back',
    'May I return it unused',
    'I want to exchange it',
    'Please take it back',
    'Which form do I fill in to return it',
    'Can I swap it',
  ],
};
const openings = [
  'Thank you for the details',
  'We looked into it at once',
  'Your note reached the right desk',
  'A clerk has checked the file',
  'That is easily put right',
  'We are sorry for the trouble',
  'The matter is settled now',
  'Our team found the cause',
  'This happens now and then',
  'Good that you asked early',
  'The records are clear',
  'We spoke with the depot',
  'Everything is prepared',
  'Nothing is lost',
  'It took us a moment',
];
const answers: Readonly<Record<string, readonly string[]>> = {
  billing: [
    'one of the charges is a reservation that lapses',
    'the sum will be corrected on the next bill',
    'the difference goes back to your account',
    'the fee was a mistake and is cancelled',
    'a corrected invoice is on its way',
    'the payment was found under another name',
  ],
  shipping: [
    'the parcel left the depot this morning',
    'the courier tries again at noon',
    'the package waits at the counter',
    'the delivery was put on another van',
    'the carrier confirmed a new date',
    'a driver brings it to the door',
  ],
  returns: [
    'print the label and hand the box in',
    'any shop takes it back without a fee',
    'the exchange is booked for you',
    'pack it as it came and add the slip',
    'the form is attached to this message',
    'a courier collects it from you',
  ],
};
const closings = [
  'so there is nothing else to do',
  'and we will write once more',
  'which should help for now',
  'and you keep the voucher',
  'so please allow a few days',
  'and the guarantee stays as it is',
  'which costs you nothing',
  'and the clerk knows about it',
  'so simply wait for the message',
  'and the shop is informed',
  'which our records now show',
  'and no signature is needed',
  'so the matter can rest',
  'and your number stays the same',
  'which we gladly confirm',
];
const labels = Object.keys(questions);
/** Rows that have more parts than these in common would be near-duplicates of each other. */
const sharedParts = 3;

/** A conversation of one question and one answer. */
export function chat(question: string, answer: string, line = 1, more: readonly DataTurn[] = []): DataRow {
  return { line, turns: [...more, { role: 'user', content: question }, { role: 'assistant', content: answer }] };
}

/** Rows with nothing wrong: questions that are answered in a full sentence, or by a label. No two are nearly alike. */
export function cleanRows(count: number, seed: number, kind: 'sentences' | 'labels'): DataRow[] {
  const random = seededRandom(seed);
  const drawn: (readonly string[])[] = [];
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)]!;
  while (drawn.length < count) {
    const label = labels[drawn.length % labels.length]!;
    const parts = [pick(questions[label]!), pick(subjects), pick(people), pick(circumstances), pick(endings)];
    const said = kind === 'labels' ? [label] : [pick(openings), pick(answers[label]!), pick(closings)];
    const alike = drawn.some((other) => parts.reduce((sum, part, index) => sum + (part === other[index] ? 1 : 0), 0) > sharedParts);
    if (!alike || drawn.length > 1000) drawn.push([...parts, ...said]);
  }
  return drawn.map(([asked, subject, person, circumstance, ending, first, second, third], index) => {
    const question = `${asked} about the ${subject} of ${person} ${circumstance}, ${ending}?`;
    if (kind === 'labels') return chat(question, first!, index + 1, [{ role: 'system', content: 'Say which team it is for.' }]);
    return chat(question, `${first}: ${second}, ${third}.`, index + 1);
  });
}

/** An input as `rung data check` gives it, with an estimate of tokens. */
export const plainInput: DataCheckInput = { file: 'rows.jsonl', options: {}, seed: 1 };

const about = { file: 'rows.jsonl', format: 'openai-chat', container: 'jsonl', recognised: 'Read as openai-chat.' };

/** Everything that the checks find in rows. */
export async function checkRows(
  rows: readonly (DataRow | UnreadableRow)[],
  options: Partial<CheckDataOptions> = {},
): Promise<DataCheckDocument> {
  const { document } = await checkedRows(rows, options);
  return document;
}

export function checkedRows(rows: readonly (DataRow | UnreadableRow)[], options: Partial<CheckDataOptions> = {}) {
  async function* stream() {
    yield* rows;
  }
  let clock = 0;
  return checkData(about, stream(), { ...plainInput, checks: dataChecks, now: () => (clock += 1), ...options });
}

export function findingOf({ findings }: DataCheckDocument, rule: string): DataFinding | undefined {
  return findings.find((finding) => finding.rule === rule);
}
