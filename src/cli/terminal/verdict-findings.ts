import type { Verdict } from '#core/verdict.ts';
import { countText } from '#report/number-text.ts';
import { signMarks } from '#report/plateau-signs.ts';
import type { VerdictView } from '#report/verdict-view.ts';
import { learningCurveLines } from '#verdict/learning-curve.ts';
import { floorLines } from '#verdict/reasoning-climb.ts';
import { chanceText } from '#verdict/reasoning-words.ts';
import { passageLines } from './passage-lines.ts';
import { prose } from './prose.ts';
import type { Line } from './styled-line.ts';

/** Of each list of floor findings; all of them stand in the report and in the reasoning. */
const floorShown = 3;

/** What was found besides the ladder's figures, each in a line or two: a manager's screen, no more. */
export function findingLines(view: VerdictView, width: number): Line[] {
  const { verdict, measured } = view;
  const groups = [
    [...cheapestLines(verdict, width), ...stoppedLines(verdict, width)],
    guardLines(verdict, width),
    passageLines(view, width),
    // those that do not beat random routing stand among the warnings
    verdict.rungs.flatMap(({ routing }) => (routing?.compared?.beatsRandom ? prose(`✓ ${routing.says}`, width, 'green') : [])),
    verdict.undecided === null ? [] : prose(`? ${verdict.undecided.why}`, width, 'yellow'),
    // the sentence of the verdict says what the first line would
    (verdict.floor === null ? [] : floorLines(verdict.floor, floorShown).slice(1)).flatMap((line) => prose(line, width, 'yellow', '! ')),
    measured.length === 0 ? [] : plateauLines(verdict, width),
    curveLines(verdict, width),
    ruleLines(verdict, width),
  ];
  return groups.flatMap((lines) => (lines.length === 0 ? [] : [[], ...lines]));
}

const guardMarks = { passed: '✓', failed: '✗', undecided: '?', skipped: '–' } as const;

/** All guards of a tuned rung on one line, and what those that did not pass say. */
function guardLines({ rungs }: Verdict, width: number): Line[] {
  return rungs.flatMap(({ rung, guards = [] }) => {
    if (guards.length === 0) return [];
    const marks = guards.map(({ id, status }) => `${id} ${guardMarks[status]}`).join(' · ');
    const open = guards.filter(({ status }) => status === 'failed' || status === 'undecided');
    return [
      ...prose(`guards of ${rung}: ${marks}  (✓ passed, ✗ failed, ? not decided, – not run)`, width),
      ...open.flatMap(({ id, why, blocks, suggestions = [] }) => {
        const tried = suggestions[0] === undefined ? '' : ` To try: ${suggestions[0]}.`;
        return prose(`${id}${blocks ? '' : ' (told only)'}: ${why}${blocks ? tried : ''}`, width, blocks ? 'yellow' : 'gray', '  ');
      }),
    ];
  });
}

function cheapestLines({ chosen }: Verdict, width: number): Line[] {
  if (chosen?.cheapest === undefined) return [];
  const { chance, n, method } = chosen.cheapest;
  return prose(
    `The chance that ${chosen.rung} really is the cheapest rung that will do: ${chanceText(chance)} (n ${countText(n)}, ${method}).`,
    width,
  );
}

function stoppedLines({ rungs, rowsSaved }: Verdict, width: number): Line[] {
  const stops = new Map<string, string[]>();
  for (const { rung, rows } of rungs) {
    if (rows?.stopped === undefined) continue;
    const how = `after ${countText(rows.measured)} of ${countText(rows.of)} rows (${rows.stopped.why})`;
    stops.set(how, [...(stops.get(how) ?? []), rung]);
  }
  if (stops.size === 0) return [];
  const early = [...stops].map(([how, names]) => `${names.join(', ')} ${how}`).join('; ');
  return prose(`Stopped early: ${early}. ${countText(rowsSaved.rows)} of ${countText(rowsSaved.of)} rows were saved.`, width);
}

function plateauLines({ plateau }: Verdict, width: number): Line[] {
  const signs = plateau.looked.map(({ sign, seen }) => `${sign} ${signMarks(seen).mark}`);
  const others = plateau.looked.filter(({ sign, seen }) => seen === true && sign !== 'plateau');
  return [
    ...prose(`${plateau.reached ? 'Prompting has reached its limit. ' : ''}${plateau.why}`, width),
    ...others.flatMap(({ sign, why }) => prose(`${sign}: ${why}`, width, undefined, '  ')),
    ...(signs.length === 0
      ? []
      : prose(`signs of prompting's limit: ${signs.join(' · ')}  (✓ seen, – not seen, ? cannot be told)`, width, 'gray')),
  ];
}

function curveLines({ learningCurve }: Verdict, width: number): Line[] {
  if (learningCurve === null) return [];
  return learningCurveLines(learningCurve).flatMap((line) => prose(line, width, undefined, line.startsWith(' ') ? '  ' : ''));
}

/** Rules of thumb only where they disagree with what was measured. */
function ruleLines({ prior, chosen }: Verdict, width: number): Line[] {
  return prior
    .filter(({ agrees }) => agrees === false)
    .flatMap(({ source, answer }) =>
      prose(`${source} says ${answer}; the measurement says ${chosen?.rung ?? 'otherwise'}, and stands.`, width, 'gray'),
    );
}
