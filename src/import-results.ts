/** The rows of the result files as objects; cells that are no number are left out. */
export function csvRows(results: readonly string[]): readonly Readonly<Record<string, number>>[] {
  return results.flatMap((text) => {
    const [header = '', ...lines] = text.trim().split(/\r?\n/);
    const names = header.split(',');
    return lines.map((line) => {
      const cells = line.split(',').map((cell, index) => [names[index] ?? '', cell.trim() === '' ? Number.NaN : Number(cell)] as const);
      return Object.fromEntries(cells.filter(([name, value]) => name !== '' && Number.isFinite(value)));
    });
  });
}

/** The last figure of each column. */
export function lastMetrics(results: readonly string[]): Record<string, number> {
  const last: Record<string, number> = {};
  for (const row of csvRows(results)) Object.assign(last, row);
  return last;
}
