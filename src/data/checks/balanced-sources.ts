import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { rowsText } from '#data/check-data-finding.ts';
import { evenness } from './balanced-evenness.ts';

/** A source with more than this share outweighs what people wrote. Ours. */
const dominant = 0.5;
const difficultyFields = ['difficulty', 'score', 'level'] as const;
const mostLevels = 20;
const longestLevel = 80;

/** Where rows come from, and how hard they are where a field says so. */
export const balancedSources = defineDataCheck({
  id: 'balanced-sources',
  family: 'balanced',
  summary: 'sources of rows and the share of synthetic ones; levels of difficulty where a field says so',
  source: 'Pielou 1966 (evenness); Shumailov et al. 2024, Nature 631:755-759, on models trained on what models wrote; the half is ours',
  begin({ random }) {
    const sources = new Map<string, number>();
    const levels = new Map<string, number>();
    let rows = 0;
    return {
      row({ source, extra }) {
        rows += 1;
        if (source !== undefined) sources.set(source, (sources.get(source) ?? 0) + 1);
        const field = difficultyFields.find((name) => typeof extra?.[name] === 'string' || typeof extra?.[name] === 'number');
        if (field === undefined) return;
        const level = String(extra![field]).slice(0, longestLevel);
        if (levels.has(level) || levels.size <= mostLevels) levels.set(level, (levels.get(level) ?? 0) + 1);
      },
      end(): DataFinding[] {
        const synthetic = sources.get('synthetic') ?? 0;
        if (synthetic <= dominant * rows) return [];
        return [
          {
            rule: 'source-synthetic',
            family: 'balanced',
            severity: 'warning',
            rows: [],
            count: synthetic,
            message: `${rowsText(synthetic)} of ${rows.toLocaleString('en')} are synthetic.`,
            fix: 'Add rows that people wrote or that came from use, and judge on those alone.',
            examples: [],
            figures: { sources: Object.fromEntries(sources) },
          },
        ];
      },
      score: () =>
        isScale(levels)
          ? evenness([...levels.values()], levels.size, 'evenness of difficulty (entropy over its maximum)', random)
          : undefined,
      figures(): JsonObject | undefined {
        const scale = isScale(levels);
        if (sources.size === 0 && !scale) return undefined;
        return { sources: Object.fromEntries(sources), ...(scale && { difficulty: Object.fromEntries(levels) }) };
      },
    };
  },
});

/** A score with many values is a measurement and no scale of levels. */
function isScale(levels: ReadonlyMap<string, number>): boolean {
  return levels.size > 1 && levels.size <= mostLevels;
}
