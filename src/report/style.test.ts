import { describe, expect, it } from 'vitest';
import { style } from './style.ts';

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const wide = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1, 7);
  const [red, green, blue] = [0, 2, 4]
    .map((from) => Number.parseInt(wide.slice(from, from + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const themes = [...style.matchAll(/:root\{([^}]*--paper:#[^}]*--ink[^}]*)\}/g)].map((match) =>
  Object.fromEntries([...match[1]!.matchAll(/--([a-z-]+):(#[0-9a-f]+)/g)].map((each) => [each[1], each[2]!])),
);

describe.each([
  ['light', themes[0]!],
  ['dark', themes[1]!],
])('the %s theme', (_, colors) => {
  const pairs = ['ink', 'soft', 'accent', 'good', 'bad', 'unsure'].flatMap((text) =>
    ['paper', 'panel', 'faint'].map((ground) => [text, ground] as const),
  );
  const own = ['accent', 'good', 'bad', 'unsure'].map((text) => [text, `${text}-faint`] as const);

  it.each([...pairs, ...own, ['soft', 'accent-faint'] as const])('%s on %s can be read', (text, ground) => {
    expect(contrast(colors[text]!, colors[ground]!)).toBeGreaterThanOrEqual(4.5);
  });
});
