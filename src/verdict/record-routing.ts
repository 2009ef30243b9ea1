import type { Verdict } from '#core/verdict.ts';
import { count, dollars, markdownText, percent, rangeText, scoreText } from './figures.ts';
import { list, section, table } from './record-table.ts';
import { partText, routingLines } from './routing-words.ts';

/** Cascades beside random routing and the best single rung, with the signals they could have decided by. */
export function routingSection({ rungs, criteria }: Verdict): string {
  const parts = rungs.flatMap(({ rung, routing }) => {
    if (routing === undefined) return [];
    const lines = routingLines(rung, routing, criteria.confidence).map(markdownText);
    const signals = routing.signals.map(({ signal, area, calibration, accepted }) => [
      `${markdownText(signal)}${signal === routing.signal ? ' (**taken**)' : ''}`,
      area === null ? 'no gap' : area.toFixed(2),
      `${(100 * calibration.error).toFixed(1)} (perfect: ${(100 * calibration.expected).toFixed(1)})`,
      percent(accepted),
      count(calibration.n),
    ]);
    const signalTable = table(['Signal', 'Area recovered', 'Calibration error, points', 'May be accepted', 'Validation rows'], signals);
    const curve = routing.compared?.curve ?? [];
    const shown = curve.filter((_, index) => index % 4 === 0);
    const curveTable = table(
      ['Strong calls', 'By confidence', 'At random, same cost', 'Cost per 1,000'],
      shown.map(({ strongShare, value, random, costPer1k }) => [
        percent(strongShare),
        scoreText(value),
        scoreText(random),
        costPer1k === undefined ? 'not known' : dollars(costPer1k),
      ]),
    );
    const note = `The curve is that of the ${count(routing.compared?.lost.n ?? 0)} measured rows, every threshold; its intervals are those of the area.`;
    return [
      `**${markdownText(rung)}**: ${markdownText(partText(routing.cheap))}, then ${markdownText(partText(routing.strong))}; asked for the strong part ${percent(routing.strongShare.value)} of the time (${rangeText(routing.strongShare)}, n ${count(routing.strongShare.n)}).`,
      list(lines),
      ...(signals.length === 0 ? [] : [signalTable]),
      ...(shown.length === 0 ? [] : [curveTable, note]),
    ];
  });
  return parts.length === 0 ? '' : section('Routing', parts.join('\n\n'));
}
