import type { DryRun } from '#engine/dry-run.ts';

/** A dry run as lines for people. */
export function formatDryRun(dry: DryRun): string {
  const width = Math.max(...dry.rungs.map((rung) => rung.rung.length));
  const lines = dry.rungs.map((rung) => {
    const name = rung.rung.padEnd(width);
    if (rung.skipped !== undefined) return `  ${name}  skipped: ${rung.skipped}`;
    if (rung.model === null) return `  ${name}  no model calls`;
    const tokens = `about ${rung.inputTokens} + ${rung.outputTokens} tokens each`;
    return `  ${name}  ${rung.model}: at most ${rung.calls} calls, ${tokens}, ${dollars(rung.dollars)}`;
  });
  return `${dry.task}: nothing was called. A climb would ask\n${lines.join('\n')}\n  in all at most ${dry.total.calls} calls, ${dollars(dry.total.dollars)}; answers already in the store are not asked again.\n`;
}

function dollars(amount: number | undefined): string {
  return amount === undefined ? 'price not known' : `about $${amount.toFixed(amount < 1 ? 4 : 2)}`;
}
