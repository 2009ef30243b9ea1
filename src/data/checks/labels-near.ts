import { typingDistance } from './labels-distance.ts';
import type { LabelledRows } from './labels-tally.ts';

/** The label that another one was probably meant to be. */
export interface NearLabel {
  readonly label: string;
  readonly why: string;
  /** True where the two differ in case, spacing and punctuation alone. */
  readonly sameLetters: boolean;
}

/** A rarer way of writing has at most this share of the rows of the commoner one. Ours: labels of their own are rarely so uneven. */
const rarerShare = 0.1;
/** Without a declared set, an abbreviation is taken for one only below this share. Ours. */
const fewestLetters = 3;
/** Labels that are compared with all others; a file with more distinct answers compares its commonest. */
const mostTargets = 2000;
const mostCandidates = 5000;

/**
 * Labels that are probably another label written differently: equal but for case, spacing and punctuation (always); a plural,
 * a typing error (one edit up to seven letters, two from eight on), or the start of exactly one label (only where the label is
 * much rarer than the one it is taken for, or the declared set lacks it). Labels that differ in digits are never taken for
 * one another: "level 1" and "level 2" are two.
 */
export function nearLabels({ names, counts }: LabelledRows, declared: readonly string[] | undefined): ReadonlyMap<string, NearLabel> {
  const countOf = new Map(names.map((name, index) => [name, counts[index]!]));
  const byCount = [...names].sort((a, b) => countOf.get(b)! - countOf.get(a)! || (a < b ? -1 : 1));
  const targets = (declared ?? byCount).slice(0, mostTargets);
  const keys = new Map(targets.map((target) => [target, lettersOf(target)]));
  const known = new Set(declared);
  const meant = new Map<string, NearLabel>();
  for (const name of byCount.slice(0, mostCandidates)) {
    if (known.has(name)) continue;
    const count = countOf.get(name)!;
    const key = lettersOf(name);
    if (key === '') continue;
    const commoner = targets.filter(
      (target) => target !== name && !meant.has(target) && (declared !== undefined || isCommoner(target, name, countOf)),
    );
    const same = commoner.find((target) => keys.get(target) === key);
    if (same !== undefined) {
      meant.set(name, { label: same, why: 'only case, spacing or punctuation differ', sameLetters: true });
      continue;
    }
    const rarer = (target: string) => declared !== undefined || count <= rarerShare * countOf.get(target)!;
    const near = nearest(key, commoner.filter(rarer), keys);
    if (near !== undefined) meant.set(name, near);
  }
  return meant;
}

function isCommoner(target: string, name: string, countOf: ReadonlyMap<string, number>): boolean {
  const [ofTarget, ofName] = [countOf.get(target)!, countOf.get(name)!];
  return ofTarget > ofName || (ofTarget === ofName && target < name);
}

/** The nearest of these labels; undefined where none is near, or two are equally near. */
function nearest(key: string, targets: readonly string[], keys: ReadonlyMap<string, string>): NearLabel | undefined {
  const digits = digitsOf(key);
  let best: { readonly label: string; readonly distance: number } | undefined;
  let tied = false;
  for (const label of targets) {
    const other = keys.get(label)!;
    if (digitsOf(other) !== digits) continue;
    const allowed = isPlural(key, other) ? 2 : Math.min(key.length, other.length) < 4 ? 0 : Math.max(key.length, other.length) < 8 ? 1 : 2;
    const distance = typingDistance(key, other, Math.min(allowed, best?.distance ?? allowed));
    if (distance > allowed) continue;
    if (best === undefined || distance < best.distance) [best, tied] = [{ label, distance }, false];
    else if (distance === best.distance) tied = true;
  }
  if (best !== undefined) {
    const plural = isPlural(key, keys.get(best.label)!);
    const why = plural ? 'singular and plural' : best.distance === 1 ? 'one typing error' : 'two typing errors';
    return tied ? undefined : { label: best.label, why, sameLetters: false };
  }
  const started = targets.filter((label) => keys.get(label)!.startsWith(key) && digitsOf(keys.get(label)!) === digits);
  const only = key.length >= fewestLetters && started.length === 1 ? started[0] : undefined;
  return only === undefined ? undefined : { label: only, why: 'its beginning', sameLetters: false };
}

function isPlural(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long === `${short}s` || long === `${short}es` || (short.endsWith('y') && long === `${short.slice(0, -1)}ies`);
}

function lettersOf(label: string): string {
  return label
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{S}]+/gu, '');
}

function digitsOf(key: string): string {
  return key.replace(/\P{N}/gu, '');
}
