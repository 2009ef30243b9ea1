import { countText } from '#report/number-text.ts';
import type { VerdictView } from '#report/verdict-view.ts';
import { prose } from './prose.ts';
import type { Line } from './styled-line.ts';

const told = [
  { metric: 'retrieved', words: 'the right passage stood in the prompt for' },
  { metric: 'grounded', words: 'what stood there was used as it should be for' },
] as const;

/** Of rungs that look passages up: was the right one found, and was it used; a line each. */
export function passageLines({ measured, text }: VerdictView, width: number): Line[] {
  return measured.flatMap(({ rung, metrics }) => {
    const parts = told.flatMap(({ metric, words }) => {
      const estimate = metrics[metric];
      if (estimate === undefined) return [];
      const figures = text(metric);
      return [`${words} ${figures.value(estimate.value)} (${figures.interval(estimate)}, n ${countText(estimate.n)})`];
    });
    return parts.length === 0 ? [] : prose(`${rung}: ${parts.join(', ')}.`, width);
  });
}
