import type { ProbeFindings } from '#core/probe.ts';
import { measureText, slopeText, type ValueText } from './number-text.ts';

const slope = /Slope$/;

/** The measure that a slope is the slope of; undefined for a measure that is none. */
export function slopeOf(measure: string, measures: readonly string[]): string | undefined {
  const base = measure.replace(slope, '');
  return base !== measure && measures.includes(base) ? base : undefined;
}

/** How the numbers of a measure of these findings are written. */
export function findingsText(findings: readonly Pick<ProbeFindings, 'metrics' | 'units'>[], measure: string): ValueText {
  const base = slopeOf(
    measure,
    findings.flatMap(({ metrics }) => Object.keys(metrics)),
  );
  const text = measureText(findings.map(({ units }) => units?.[base ?? measure]).find((unit) => unit !== undefined));
  return base === undefined ? text : slopeText(text);
}
