import type { Situation } from '#core/situation.ts';
import type { Trigger } from '#core/verdict.ts';
import { rulesOfThumb } from './index.ts';
import type { Border, Figure, RuleOfThumb } from './rule-of-thumb.ts';
import { listed } from './rule-words.ts';

interface Turn {
  readonly figure: Figure;
  readonly operator: '<' | '>' | '<=' | '>=';
  readonly bound: number;
  readonly says: string;
}

const figureWords: Readonly<Record<Figure, string>> = {
  requestsPerMonth: 'volume',
  labelledExamples: 'labels',
  requirementChangesPerMonth: 'change-rate',
  accuracyNeeded: 'accuracy-needed',
  personas: 'personas',
};

const operatorWords: Readonly<Record<Turn['operator'], string>> = { '<': 'below', '<=': 'at-most', '>': 'above', '>=': 'at-least' };

/** The thresholds at which a source would answer otherwise than now, all else as it is; one trigger for those that share a condition. By figure and bound. */
export function turningPoints(situation: Situation): Trigger[] {
  const order = Object.keys(figureWords);
  const turns = rulesOfThumb
    .flatMap((rule) => turnsOf(rule, situation))
    .sort((a, b) => order.indexOf(a.figure) - order.indexOf(b.figure) || a.bound - b.bound);
  const conditions = new Map<string, Turn[]>();
  for (const turn of turns) {
    const when = `${turn.figure} ${turn.operator} ${turn.bound}`;
    conditions.set(when, [...(conditions.get(when) ?? []), turn]);
  }
  return [...conditions].map(([when, alike]) => {
    const { figure, operator, bound } = alike[0]!;
    return {
      id: `prior-${figureWords[figure]}-${operatorWords[operator]}-${bound}`,
      when,
      condition: { figure, operator, bound },
      now: situation[figure]!,
      fired: false,
      // biome-ignore lint/suspicious/noThenProperty: the verdict document names it so, and it is a text, never a function
      then: listed(alike.map(({ says }) => says)),
    };
  });
}

/** From where the figure is now, outward in both directions. */
function turnsOf(rule: RuleOfThumb, situation: Situation): Turn[] {
  const figures = [...new Set(rule.borders.map(({ figure }) => figure))];
  return figures.flatMap((figure) => {
    const now = situation[figure];
    if (now === undefined) return [];
    const borders = rule.borders.filter((border) => border.figure === figure).sort((a, b) => a.bound - b.bound);
    const above = borders.filter((border) => !isOver(now, border));
    const below = borders.filter((border) => isOver(now, border)).reverse();
    return [...changesAlong(rule, situation, above, 'up'), ...changesAlong(rule, situation, below, 'down')];
  });
}

function changesAlong(rule: RuleOfThumb, situation: Situation, borders: readonly Border[], way: 'up' | 'down'): Turn[] {
  let before = rule.answer(situation)?.answer;
  return borders.flatMap((border) => {
    const after = rule.answer({ ...situation, [border.figure]: justBeyond(border, way) })?.answer;
    if (after === before) return [];
    const instead = before === undefined ? '' : ` instead of "${before}"`;
    const says = after === undefined ? `${rule.title} says nothing without further answers` : `${rule.title} says "${after}"${instead}`;
    before = after;
    return [{ figure: border.figure, operator: operatorOf(border, way), bound: border.bound, says }];
  });
}

function isOver(value: number, { operator, bound }: Border): boolean {
  return operator === '>' ? value > bound : value >= bound;
}

function operatorOf({ operator }: Border, way: 'up' | 'down'): Turn['operator'] {
  if (way === 'up') return operator;
  return operator === '>' ? '<=' : '<';
}

function justBeyond({ operator, bound }: Border, way: 'up' | 'down'): number {
  const isBoundItself = way === 'up' ? operator === '>=' : operator === '>';
  if (isBoundItself) return bound;
  const step = Math.max(1, bound) * 1e-9;
  return way === 'up' ? bound + step : bound - step;
}
