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

const series = [...style.matchAll(/:root\{(--series-0[^}]*)\}/g)].map((match) =>
  [...match[1]!.matchAll(/#[0-9a-f]{6}/g)].map(([hex]) => hex),
);

describe.each([
  ['light', themes[0]!, series[0]!],
  ['dark', themes[1]!, series[1]!],
])('the curves of the %s theme', (_, colors, own) => {
  it('stand out from the ground', () => {
    expect(own).toHaveLength(6);
    for (const color of own) expect(contrast(color, colors['panel']!)).toBeGreaterThanOrEqual(3);
  });
});

/** One colour laid over another with so much of its own. */
function mixed(over: string, ground: string, part: number): string {
  const of = (hex: string) => {
    const wide = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1, 7);
    return [0, 2, 4].map((from) => Number.parseInt(wide.slice(from, from + 2), 16));
  };
  const [front, back] = [of(over), of(ground)];
  return `#${front
    .map((channel, index) =>
      Math.round(part * channel + (1 - part) * back[index]!)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

describe.each([
  ['light', themes[0]!],
  ['dark', themes[1]!],
])('the heat table of the %s theme', (_, colors) => {
  const strongest = Number(/\.heat\{[^}]*var\(--part\)\*\.(\d+)/.exec(style)![1]) / 100;

  it.each([0, 0.25, 0.5, 0.75, 1])('can be read where %d did not pass', (part) => {
    expect(strongest).toBeGreaterThan(0.4);
    expect(contrast(colors['ink']!, mixed(colors['bad']!, colors['panel']!, part * strongest))).toBeGreaterThanOrEqual(4.5);
  });
});

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
