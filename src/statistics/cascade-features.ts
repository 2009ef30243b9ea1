import { calculationsIn, numbersIn } from './cascade-arithmetic.ts';

/** A question and the answer a model gave to it. */
export interface AnsweredQuestion {
  readonly question: string;
  readonly answer: string;
}

/** What a text shows of itself, whatever its language. */
function shapeOf(text: string): readonly number[] {
  const numbers = numbersIn(text);
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  return [
    Math.log1p(text.length),
    Math.log1p(words.length),
    Math.log1p(numbers.length),
    Math.log1p((text.match(/[.!?](?:\s|$)/gu) ?? []).length),
    Math.log1p(text.split('\n').length),
    Math.log1p(Math.max(0, ...numbers)),
    numbers.filter((number) => !Number.isInteger(number)).length,
    (text.match(/%|percent/giu) ?? []).length,
    (text.match(/\d\s*\/\s*\d|half|third|quarter|fraction|ratio/giu) ?? []).length,
    words.length === 0 ? 0 : new Set(words.map((word) => word.toLowerCase())).size / words.length,
  ];
}

/** Words by which an answer doubts itself or mends itself. */
const doubts =
  /\b(?:however|but|wait|actually|assum\w*|unclear|sorry|cannot|can't|not (?:possible|enough)|mistake|correct(?:ion|ed)|should be)\b/giu;

/** Numbers that say something about how an answer fits its question; each a count, a share or a logarithm. */
export function featuresOfAnswer({ question, answer }: AnsweredQuestion): Float64Array {
  const asked = new Set(numbersIn(question));
  const given = numbersIn(answer);
  const calculations = calculationsIn(answer);
  const wrong = calculations.filter(({ holds }) => !holds).length;
  const results = new Set(calculations.flatMap(({ left, right }) => [left, right]));
  const used = [...asked].filter((number) => given.includes(number)).length;
  const last = given.at(-1);
  const foreign = given.filter((number) => !asked.has(number) && !results.has(number)).length;
  const lines = answer
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const ending = answer.trimEnd();
  return Float64Array.from([
    ...shapeOf(question),
    ...shapeOf(answer),
    Math.log1p(answer.length) - Math.log1p(question.length),
    Math.log1p(calculations.length),
    Math.min(3, wrong),
    wrong > 0 ? 1 : 0,
    asked.size === 0 ? 1 : used / asked.size,
    asked.size - used,
    given.length === 0 ? 0 : foreign / given.length,
    last === undefined ? 1 : 0,
    last === undefined || Number.isInteger(last) ? 0 : 1,
    last !== undefined && calculations.at(-1)?.right === last ? 1 : 0,
    last !== undefined && asked.has(last) ? 1 : 0,
    last !== undefined && given.slice(0, -1).includes(last) ? 1 : 0,
    /[.!?)\]}"'”’]$/u.test(ending) ? 1 : 0,
    /\d$/u.test(ending) ? 1 : 0,
    lines.length === 0 ? 0 : Math.log1p(lines.at(-1)?.length ?? 0),
    Math.log1p((answer.match(doubts) ?? []).length),
    lines.length - new Set(lines).size,
  ]);
}
