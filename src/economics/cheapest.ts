/** Cost as a straight line over the monthly volume: `fixed` + `slope` × requests per month. */
export interface CostLine {
  readonly name: string;
  readonly fixed: number;
  readonly slope: number;
}

/** The volume from which on another line is the lowest. */
export interface Crossover {
  readonly requestsPerMonth: number;
  readonly from: string;
  readonly to: string;
}

/** The lowest line at a volume; the first of equals. Undefined without lines. */
export function cheapestAt(lines: readonly CostLine[], requestsPerMonth: number): CostLine | undefined {
  let best: CostLine | undefined;
  for (const line of lines) if (best === undefined || costAt(line, requestsPerMonth) < costAt(best, requestsPerMonth)) best = line;
  return best;
}

/** Where the lowest line changes as the volume grows from 0 (the lower envelope), in rising order. */
export function crossoversOf(lines: readonly CostLine[]): Crossover[] {
  const crossovers: Crossover[] = [];
  // at volume 0 the lowest start is the cheapest; of equal starts the flattest stays so
  let current = [...lines].sort((a, b) => a.fixed - b.fixed || a.slope - b.slope)[0];
  let volume = 0;
  while (current !== undefined) {
    const here: CostLine = current;
    const next = lines
      .filter((line) => line.slope < here.slope)
      .map((line) => ({ line, at: (line.fixed - here.fixed) / (here.slope - line.slope) }))
      .filter(({ at }) => at >= volume && Number.isFinite(at))
      .sort((a, b) => a.at - b.at || a.line.slope - b.line.slope)[0];
    if (next === undefined) break;
    crossovers.push({ requestsPerMonth: next.at, from: here.name, to: next.line.name });
    volume = next.at;
    current = next.line;
  }
  return crossovers;
}

function costAt(line: CostLine, requestsPerMonth: number): number {
  return line.fixed + line.slope * requestsPerMonth;
}
