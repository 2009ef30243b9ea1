import { basename, dirname, join } from 'node:path';
import type { Overlay, Section } from '#core/prompt.ts';
import type { Persona } from '#core/task-brief.ts';
import { quoted } from './nearest.ts';
import { sameHeading } from './overlay-file.ts';
import { type Statement, statement, statementsOf } from './overlay-statements.ts';
import { conflictOf, forbiddenIn, meeting } from './persona-conflicts.ts';
import type { RuleDemand } from './persona-rules.ts';
import { hasPhrase } from './phrases.ts';

/** Where something stands: a file, and a section of it or a key. */
interface SectionPlace {
  readonly file: string;
  readonly heading: string;
}

/** Two places of a prompt that do not go together. */
export interface OverlayConflict {
  readonly code: 'replaced-twice' | 'avoided-wording' | 'rules-contradict' | 'length-twice' | 'language-twice' | 'form-twice' | 'opposite';
  /** One sentence that names both places. */
  readonly message: string;
  /** The overlay's own place first. */
  readonly places: readonly [SectionPlace, SectionPlace];
}

/** What overlays are laid over. */
export interface OverlayBase {
  readonly sections: readonly Section[];
  /** The file it comes from. */
  readonly file: string;
  readonly persona?: Persona;
  /** The file of the persona, where it is another. */
  readonly personaFile?: string;
}

/**
 * Conflicts of overlays with their base and with each other, in the order in which they are laid. What an overlay replaces
 * is held against nothing any more. Wording is compared as words, so a conflict that needs understanding is not seen.
 */
export function overlayConflicts(base: OverlayBase, overlays: readonly Overlay[]): readonly OverlayConflict[] {
  const { persona, file, personaFile = file } = base;
  let before: readonly Statement[] = [
    ...statementsOf(base.sections, file),
    ...(persona?.rules ?? []).map((rule) => statement(rule, personaFile, 'rules')),
    ...ofVocabulary(persona, personaFile),
  ];
  const conflicts: OverlayConflict[] = [];
  for (const [index, overlay] of overlays.entries()) {
    conflicts.push(...replacedTwice(overlay, overlays.slice(0, index)));
    const replaced = overlay.sections.filter(({ replace }) => replace);
    before = before.filter(({ heading }) => !replaced.some((section) => sameHeading(section.heading, heading)));
    const own = [
      ...statementsOf(overlay.sections, overlay.file),
      ...overlay.checks.map((check) => statement(check, overlay.file, 'checks')),
    ];
    conflicts.push(...own.flatMap((each) => avoidedWording(each, persona, personaFile)));
    conflicts.push(...own.flatMap((each) => before.flatMap((other) => conflictBetween(each, other) ?? [])));
    before = [...before, ...own];
  }
  return distinct(conflicts);
}

function ofVocabulary(persona: Persona | undefined, file: string): readonly Statement[] {
  const avoid = persona?.vocabulary.avoid ?? [];
  return avoid.length === 0 ? [] : [statement(`use none of: ${avoid.join(' | ')}`, file, 'vocabulary.avoid')];
}

function replacedTwice(overlay: Overlay, earlier: readonly Overlay[]): readonly OverlayConflict[] {
  return overlay.sections.flatMap(({ heading, replace }) => {
    const other = earlier.find(({ sections }) => sections.some((each) => each.replace && sameHeading(each.heading, heading)));
    if (!replace || other === undefined) return [];
    const places = [
      { file: overlay.file, heading },
      { file: other.file, heading },
    ] as const;
    return [conflict('replaced-twice', places, 'both replace the same section, and the later one holds')];
  });
}

function avoidedWording({ text, file, heading, negative, rule }: Statement, persona: Persona | undefined, personaFile: string) {
  if (persona === undefined || negative || rule?.demand.kind === 'none') return [];
  return persona.vocabulary.avoid
    .filter((phrase) => hasPhrase(text, phrase))
    .map((phrase) =>
      conflict(
        'avoided-wording',
        [
          { file, heading },
          { file: personaFile, heading: 'vocabulary.avoid' },
        ],
        `it says ${quoted(phrase)}, which the persona avoids`,
      ),
    );
}

function conflictBetween(one: Statement, other: Statement): OverlayConflict | undefined {
  const places = [one, other].map(({ file, heading }) => ({ file, heading })) as unknown as OverlayConflict['places'];
  const rules = rulesApart(one, other);
  if (rules !== undefined) return conflict('rules-contradict', places, rules);
  const [length, otherLength] = [lengthIn(one), lengthIn(other)];
  if (length !== undefined && otherLength !== undefined && JSON.stringify(length) !== JSON.stringify(otherLength)) {
    const why = conflictOf(length, otherLength);
    if (why !== undefined) return conflict('rules-contradict', places, why);
    return conflict('length-twice', places, `both say how long an answer is: ${quoted(one.text)} and ${quoted(other.text)}`);
  }
  if (one.language !== undefined && other.language !== undefined && one.language !== other.language) {
    return conflict('language-twice', places, `they ask for different languages: ${quoted(one.text)} and ${quoted(other.text)}`);
  }
  if (one.form !== undefined && other.form !== undefined && one.form !== other.form) {
    return conflict('form-twice', places, `one asks for ${one.form}, the other for ${other.form}`);
  }
  if (areOpposite(one, other)) return conflict('opposite', places, `they say the opposite: ${quoted(one.text)} and ${quoted(other.text)}`);
  return undefined;
}

function rulesApart(one: Statement, other: Statement): string | undefined {
  if (one.rule !== undefined && other.rule !== undefined) {
    if (meeting(one.rule.condition, other.rule.condition) === 'never') return undefined;
    const why =
      conflictOf(one.rule.demand, other.rule.demand) ??
      unsayable(one.rule.demand, other.rule.demand) ??
      unsayable(other.rule.demand, one.rule.demand);
    if (why !== undefined) return why;
  }
  return questionDenied(one, other) ?? questionDenied(other, one);
}

function unsayable(demand: RuleDemand, forbidding: RuleDemand): string | undefined {
  if (demand.kind !== 'phrases') return undefined;
  const blocked = demand.phrases.filter((phrase) => forbiddenIn(phrase, forbidding) !== undefined);
  const isBlocked = demand.every ? blocked.length > 0 : blocked.length === demand.phrases.length;
  return isBlocked ? `${quoted(blocked[0])} is asked for by one and forbidden by the other` : undefined;
}

function questionDenied(silent: Statement, asking: Statement): string | undefined {
  const demand = silent.rule?.demand;
  if (demand?.kind !== 'absent' || !demand.found.test('?') || asking.negative || asking.rule !== undefined) return undefined;
  const asks = /\?\s*$/.test(asking.text) || /\b(?:ask|asks|end|ends|close|finish)\b[^.;]*\bquestion\b|^ask\b/i.test(asking.text);
  return asks ? `one allows no questions, the other asks for one: ${quoted(asking.text)}` : undefined;
}

function lengthIn({ rule, length }: Statement): RuleDemand | undefined {
  // a rule for some messages only may well ask for another length
  if (rule !== undefined) return rule.condition === undefined && rule.demand.kind === 'count' ? rule.demand : undefined;
  return length;
}

/** The same words, forbidden by one; "always" may stand over more words than "never" does, or over fewer. */
function areOpposite(one: Statement, other: Statement): boolean {
  if (one.negative === other.negative || one.rule !== undefined || other.rule !== undefined) return false;
  const [few, many] = one.words.size <= other.words.size ? [one.words, other.words] : [other.words, one.words];
  if (few.size < 2 || [...few].some((word) => !many.has(word))) return false;
  return few.size === many.size || one.always || other.always;
}

function conflict(code: OverlayConflict['code'], places: OverlayConflict['places'], why: string): OverlayConflict {
  const [one, other] = places.map(({ file, heading }) => `${join(basename(dirname(file)), basename(file))} (${heading})`);
  return { code, places, message: `${one} does not go with ${other}: ${why}.` };
}

function distinct(conflicts: readonly OverlayConflict[]): readonly OverlayConflict[] {
  return [...new Map(conflicts.map((each) => [each.message, each])).values()];
}
