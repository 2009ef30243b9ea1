import type { Situation } from '#core/situation.ts';
import { type Advice, advise, type RuleAnswer, type RuleOfThumb } from './rule-of-thumb.ts';
import { capital, countedText, figureText, listed, shareText } from './rule-words.ts';

const wantedExamples = 500;
const wantedVolume = 10_000;
const wantedAccuracy = 0.9;

interface Question {
  readonly asks: keyof Situation;
  /** Undefined where it is not answered. */
  readonly yes: (situation: Situation) => boolean | undefined;
  readonly text: (situation: Situation) => string;
  readonly otherwise: { readonly answer: Advice; readonly words: string };
}

// in the order of the chart
const questions: readonly Question[] = [
  {
    asks: 'labelledExamples',
    yes: ({ labelledExamples }) => (labelledExamples === undefined ? undefined : labelledExamples >= wantedExamples),
    text: ({ labelledExamples = 0 }) =>
      `${countedText(labelledExamples, 'labelled example is', 'labelled examples are')} ${labelledExamples >= wantedExamples ? `${wantedExamples} or more` : `under ${wantedExamples}`}`,
    otherwise: { answer: 'prompt', words: 'so prompt' },
  },
  {
    asks: 'consistency',
    yes: ({ consistency }) => (consistency === undefined ? undefined : consistency === 'critical'),
    text: ({ consistency }) => (consistency === 'critical' ? 'consistency is critical' : `consistency is ${consistency}, not critical`),
    otherwise: { answer: 'prompt', words: 'so prompt' },
  },
  {
    asks: 'requestsPerMonth',
    yes: ({ requestsPerMonth }) => (requestsPerMonth === undefined ? undefined : requestsPerMonth >= wantedVolume),
    text: ({ requestsPerMonth = 0 }) =>
      `${countedText(requestsPerMonth, 'request a month is', 'requests a month are')} ${requestsPerMonth >= wantedVolume ? `${figureText(wantedVolume)} or more` : `under ${figureText(wantedVolume)}`}`,
    otherwise: { answer: 'prompt first', words: 'so try prompts first' },
  },
  {
    asks: 'accuracyNeeded',
    yes: ({ accuracyNeeded }) => (accuracyNeeded === undefined ? undefined : accuracyNeeded > wantedAccuracy),
    text: ({ accuracyNeeded = 0 }) =>
      `${shareText(accuracyNeeded)} accuracy needed is ${accuracyNeeded > wantedAccuracy ? 'above' : 'not above'} ${shareText(wantedAccuracy)}`,
    otherwise: { answer: 'either', words: 'so prompting might do' },
  },
];

/** Four questions in order; four times yes tunes. */
export const flowChart: RuleOfThumb = {
  id: 'flow-chart',
  title: 'Flow chart',
  source: 'a flow chart of four yes-or-no questions',
  asks: questions.map(({ asks }) => asks),
  borders: [
    { figure: 'labelledExamples', operator: '>=', bound: wantedExamples },
    { figure: 'requestsPerMonth', operator: '>=', bound: wantedVolume },
    { figure: 'accuracyNeeded', operator: '>', bound: wantedAccuracy },
  ],
  answer: answerOf,
};

function answerOf(situation: Situation): RuleAnswer | undefined {
  const answered = questions.map((question) => ({ question, yes: question.yes(situation) }));
  const firstNo = answered.findIndex(({ yes }) => yes === false);
  const walked = firstNo === -1 ? answered : answered.slice(0, firstNo + 1);
  const known = walked.filter(({ yes }) => yes !== undefined).map(({ question }) => question);
  const open = walked.filter(({ yes }) => yes === undefined).map(({ question }) => question);
  const end = firstNo === -1 ? ({ answer: 'fine-tune', words: 'so tune' } as const) : answered[firstNo]!.question.otherwise;
  // an open question on the way may end the walk earlier: the answer stands only where it would be the same there
  if (open.some(({ otherwise }) => otherwise.answer !== end.answer)) return undefined;
  const unasked = open.length === 0 ? '' : ` (whatever the answer to ${listed(open.map(({ asks }) => asks))})`;
  return advise(
    end.answer,
    `${capital(listed(known.map((question) => question.text(situation))))}, ${end.words}${unasked}.`,
    known.map(({ asks }) => asks),
  );
}
