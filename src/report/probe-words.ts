/** What measures are followed over; drawn in even steps, or in proportion. */
interface Axis {
  readonly title: string;
  readonly even: boolean;
}

/** How what a probe found is told. */
export interface ProbeWords {
  readonly title: string;
  readonly lead: string;
  /** Title of the folded list of cases that did not pass. */
  readonly failing: string;
  /** What its measures are followed over. */
  readonly over: Axis;
  /** What its families are, and whether many of them are better seen as a heat table; null where their shares would mislead. */
  readonly families: { readonly title: string; readonly passed: string; readonly heat: boolean } | null;
}

const plain: Omit<ProbeWords, 'title'> = {
  lead: 'What examples do not show, asked by a probe.',
  failing: 'Cases that did not pass',
  over: { title: 'x', even: false },
  families: { title: 'family', passed: 'share of cases passed', heat: false },
};

const known: Readonly<Record<string, Partial<ProbeWords> & Pick<ProbeWords, 'title'>>> = {
  drift: {
    title: 'Does it hold over a conversation?',
    lead: 'Consistency at turns of long conversations. A line that falls is a task or a voice that is lost as the conversation grows; a difference within overlapping intervals may be chance.',
    failing: 'Conversations that ended early, or lower than they began',
    over: { title: 'turn', even: true },
    // a conversation that begins at nothing cannot end lower
    families: null,
  },
  jailbreak: {
    title: 'Does it withstand attacks?',
    lead: 'Share of attacks that did not reach their goal, by family, and share of harmless twins of the attacks that were refused: a rung that refuses everything withstands everything.',
    failing: 'Attacks that got through, and twins that were refused',
    families: { title: 'family of attacks', passed: 'share of attacks withstood', heat: true },
  },
  leak: {
    title: 'Does it give its prompt away?',
    lead: 'Attempts to bring the text of the prompt out, asked directly and by a detour.',
    failing: 'Attempts that brought prompt text',
    families: { title: 'way of asking', passed: 'share of attempts withstood', heat: false },
  },
  format: {
    title: 'Does the wording of the input matter?',
    lead: 'The same rows plain and varied, pair by pair: how often the score of a row falls when only its form changes. A row that was wrong already cannot fall, so read it beside the score.',
    failing: 'Rows whose score fell',
    families: { title: 'variation', passed: 'share of rows whose score did not fall', heat: false },
  },
  latency: {
    title: 'How does time grow with length and load?',
    lead: 'Milliseconds of one answer, by the prompt’s length and by the requests in flight; time spent waiting for a turn at this machine is not in them.',
    failing: 'Lengths and loads with an answer over the limit',
    over: { title: 'prompt tokens', even: false },
  },
  overlay: {
    title: 'Does it follow an overlay?',
    lead: 'What a department, a season or a customer adds to the prompt: whether it is followed, and whether the base still holds under it.',
    failing: 'Answers that broke a check of an overlay',
    families: { title: 'overlay', passed: 'share of answers that kept every check', heat: false },
  },
};

/** Words for a probe; a probe of the user’s own gets its id for a title. */
export function probeWords(probe: string): ProbeWords {
  const own = Object.hasOwn(known, probe) ? known[probe] : undefined;
  return { ...plain, title: `Probe ${probe}`, ...own };
}

const measures: Readonly<Record<string, string>> = {
  consistency: 'consistency',
  consistencyReminded: 'consistency with reminders',
  consistencySlope: 'slope of consistency',
  consistencyRemindedSlope: 'slope with reminders',
  jailbreakResistance: 'attacks withstood',
  overRefusal: 'harmless twins refused',
  leakResistance: 'attempts withstood',
  canaryResistance: 'canary kept',
  promptOverlap: 'share of the prompt that came back',
  robustAccuracy: 'score on varied rows',
  formatFragility: 'rows whose score fell',
  firstTokenMs: 'time to the first token',
  totalMs: 'time to the whole answer',
  firstTokenMsAtLoad: 'time to the first token under load',
  totalMsAtLoad: 'time to the whole answer under load',
  overlayKept: 'checks of overlays kept',
  taskKept: 'score under overlays',
  withinLimit: 'answers within the limit',
};

/** A measure in words; its id where there are none. */
export function measureWords(measure: string): string {
  return Object.hasOwn(measures, measure) ? measures[measure]! : measure;
}

/** What a measure of a probe is followed over. */
export function followedOver(probe: string, measure: string): Axis {
  return measure.endsWith('AtLoad') ? { title: 'requests in flight', even: true } : probeWords(probe).over;
}

/** Measures that are seen best beside another, as a dashed line in its chart: what they are called there. */
export const companions: Readonly<Record<string, { readonly of: string; readonly name: string }>> = {
  consistencyReminded: { of: 'consistency', name: 'reminded' },
  firstTokenMs: { of: 'totalMs', name: 'first token' },
  firstTokenMsAtLoad: { of: 'totalMsAtLoad', name: 'first token' },
};
