import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { lastAnswer, rowsText } from '#data/check-data-finding.ts';
import { rowNumbers } from '#data/check-data-numbers.ts';

const longestShare = 0.1;
/** A tenth of the rows that holds more of what is learnt than all others together outweighs them: trainers count tokens and not rows. Ours. */
const dominant = 0.5;
const fewestRows = 50;

/** Whether a few long answers hold most of what is learnt. */
export const balancedLengths = defineDataCheck({
  id: 'balanced-lengths',
  family: 'balanced',
  summary: 'the share of all answers’ characters that the longest tenth of the answers holds',
  source: 'the idea of concentration by Lorenz 1905, Publications of the American Statistical Association 9:209-219; the half is ours',
  begin() {
    const lengths = rowNumbers();
    const share = () => shareOfLongest(lengths.values());
    return {
      row(row) {
        const length = lastAnswer(row)?.trim().length ?? 0;
        if (length > 0) lengths.push(length);
      },
      end(): DataFinding[] {
        const held = share();
        if (lengths.length < fewestRows || held === undefined || held <= dominant) return [];
        const count = Math.ceil(lengths.length * longestShare);
        return [
          {
            rule: 'length-dominates',
            family: 'balanced',
            severity: 'info',
            rows: [],
            count,
            message: `The longest ${rowsText(count)} of ${lengths.length.toLocaleString('en')} hold ${Math.round(100 * held)} % of all characters of answers: training counts tokens, so they weigh most.`,
            fix: 'Check that these are the answers to learn from; shorten them, or add more of the others.',
            examples: [],
          },
        ];
      },
      figures(): JsonObject | undefined {
        const held = share();
        return held === undefined ? undefined : { answers: lengths.length, longestTenthHolds: Math.round(held * 1e4) / 1e4 };
      },
    };
  },
});

function shareOfLongest(lengths: Float64Array): number | undefined {
  if (lengths.length === 0) return undefined;
  const sorted = lengths.slice().sort();
  const sum = (part: Float64Array) => part.reduce((total, length) => total + length, 0);
  return sum(sorted.subarray(sorted.length - Math.ceil(sorted.length * longestShare))) / sum(sorted);
}
