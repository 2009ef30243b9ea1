import type { DryRun } from '#engine/dry-run.ts';

/** A dry run as lines for people; `what` is what would ask. */
export function formatDryRun(dry: DryRun, what = 'A climb'): string {
  const width = Math.max(...dry.rungs.map((rung) => rung.rung.length));
  const lines = dry.rungs.flatMap((rung) => {
    const name = rung.rung.padEnd(width);
    if (rung.skipped !== undefined) return [`  ${name}  skipped: ${rung.skipped}`];
    return [
      rung.model === null ? `  ${name}  no model calls` : `  ${name}  ${rung.model}: ${askedText(rung)}`,
      ...(rung.others ?? []).map((other) => `  ${' '.repeat(width)}  ${other.model}: ${askedText(other)}`),
      ...(rung.marking ?? []).map((marking) => `  ${' '.repeat(width)}  metric ${marking.metric}, ${marking.model}: ${askedText(marking)}`),
      ...(rung.guards ?? []).map((guard) => `  ${' '.repeat(width)}  guard ${guard.guard}: ${askedText(guard)}`),
      ...(rung.probes ?? []).map((probe) => `  ${' '.repeat(width)}  ${probeText(probe)}`),
    ];
  });
  const total = `in all at most ${dry.total.calls} calls, ${dollars(dry.total.dollars)}`;
  return `${dry.task}: nothing was called. ${what} would ask\n${lines.join('\n')}\n  ${total}; answers already in the store are not asked again.\n`;
}

type Rung = DryRun['rungs'][number];

function askedText({
  calls,
  inputTokens,
  outputTokens,
  dollars: amount,
}: Pick<Rung, 'calls' | 'inputTokens' | 'outputTokens' | 'dollars'>): string {
  return `at most ${calls} calls, about ${inputTokens} + ${outputTokens} tokens each, ${dollars(amount)}`;
}

function probeText({ probe, calls, skipped, ...asked }: NonNullable<Rung['probes']>[number]): string {
  if (skipped !== undefined) return `probe ${probe}: skipped, ${skipped}`;
  return `probe ${probe}: ${calls === null ? 'it does not say how many calls, and is not counted' : askedText({ ...asked, calls })}`;
}

function dollars(amount: number | undefined): string {
  return amount === undefined ? 'price not known' : `about $${amount.toFixed(amount < 1 ? 4 : 2)}`;
}
