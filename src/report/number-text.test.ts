import { describe, expect, it } from 'vitest';
import { countText, dollarsText, durationText, latencyText, measureText, probabilityText, slopeText, valueTextOf } from './number-text.ts';

describe('numbers as text', () => {
  it.each([
    [0, '$0'],
    [0.0000151, '$0.0000151'],
    [0.0142, '$0.0142'],
    [0.5, '$0.50'],
    [0.12, '$0.12'],
    [12.3, '$12.30'],
    [1234.56, '$1,235'],
    [-3, '−$3.00'],
  ])('dollars %d', (value, text) => expect(dollarsText(value)).toBe(text));

  it.each([
    [0, '0 s'],
    [0.04, '< 0.1 s'],
    [4.26, '4.3 s'],
    [46.2, '46 s'],
    [125, '2 min 05 s'],
    [3900, '1 h 05 min'],
  ])('durations %d', (value, text) => expect(durationText(value)).toBe(text));

  it.each([
    [0.42, '0.42 ms'],
    [71.4, '71 ms'],
    [1240, '1.24 s'],
    [12_400, '12.4 s'],
  ])('latencies %d', (value, text) => expect(latencyText(value)).toBe(text));

  it('writes shares as per cent and other numbers as they are', () => {
    expect(valueTextOf([0.2, 1]).interval({ low: 0.2, high: 1 })).toBe('20.0–100.0 %');
    expect(valueTextOf([0.2, 1]).difference(-0.034)).toBe('−3.4 pts');
    expect(valueTextOf([4.5678, 12]).value(4.5678)).toBe('4.57');
    expect(countText(1_234_567)).toBe('1,234,567');
    expect(probabilityText(0.00004)).toBe('p < 0.001');
    expect(probabilityText(0.0412)).toBe('p = 0.041');
  });
});

describe('measures of probes', () => {
  const [ms, share] = [measureText('ms'), measureText(undefined)];

  it('are written in their unit, which an interval says once', () => {
    expect(ms.interval({ low: 12, high: 15.2 })).toBe('12–15 ms');
    expect(ms.interval({ low: 900, high: 1200 })).toBe('900 ms–1.20 s');
    expect(measureText(undefined).interval({ low: -0.726, high: -0.364 })).toBe('−72.6 to −36.4 %');
    expect(ms.interval({ low: -3, high: 8 })).toBe('−3 to 8 ms');
    expect(ms.differenceInterval({ low: -3, high: 8 })).toBe('−3 to +8 ms');
    expect(measureText('tokens').value(1234.5)).toBe('1,235');
  });

  it('are shares where they have none, whatever their values', () => {
    expect(share.value(0.5)).toBe('50.0 %');
  });

  it('have slopes that are written as differences', () => {
    expect(slopeText(share).value(-0.012)).toBe('−1.2 pts');
    expect(slopeText(ms).interval({ low: 2, high: 30 })).toBe('+2 to +30 ms');
  });
});
