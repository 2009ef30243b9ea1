import type { ApproachContext, MeasuredRow, PrepareInput } from '#core/approach.ts';
import type { CallableModel } from '#core/candidate.ts';
import { RungError } from '#core/errors.ts';
import { Bandit } from './optimized-bandit.ts';
import { Deck } from './optimized-deck.ts';
import { variantDiff } from './optimized-diff.ts';
import { editMoves } from './optimized-edits.ts';
import { exampleMoves } from './optimized-examples.ts';
import { failuresOf, isFailed } from './optimized-failures.ts';
import { tooLong } from './optimized-fit.ts';
import type { EndReason, OptimisationHistory, Trial, Variant } from './optimized-history.ts';
import { CallsEnded, Ledger } from './optimized-ledger.ts';
import type { Move, Standing } from './optimized-moves.ts';
import { nearLabels } from './optimized-neighbours.ts';
import { ownAnswerMoves, trainingRows, withoutLookup } from './optimized-own-answers.ts';
import { type Race, race, shownGain } from './optimized-race.ts';
import { rewritingMoves } from './optimized-rewriter.ts';
import { type Settings, slicesOf } from './optimized-settings.ts';
import { figuresOf, type TrialAbout } from './optimized-trial.ts';
import { cheapestOfTheBest, holdBack, paretoFront, type Tried } from './optimized-winner.ts';
import { plainPrompt } from './prompt.ts';

/** Of the intervals that are shown. */
const confidence = 0.95;
const firstRows = 24;
/** Changes in a row that bring nothing before the search ends. */
const patience = 10;
/** Rows that a change weighs that could not even be made. */
const rowsOfNothing = 12;

export interface SearchResult {
  readonly variant: Variant;
  readonly history: OptimisationHistory;
  /** What cut the search off, where a limit of the whole run did. */
  readonly cutOff?: unknown;
}

/** Searches for a better prompt, one measured change at a time. A limit of the run that is met ends it with the best so far. */
export async function searchPrompt(input: PrepareInput, context: ApproachContext, settings: Settings): Promise<SearchResult> {
  const search = new Search(input, context, settings);
  return search.run();
}

class Search {
  readonly #input: PrepareInput;
  readonly #context: ApproachContext;
  readonly #settings: Settings;
  readonly #ledger: Ledger;
  readonly #bandit = new Bandit();
  readonly #tried: Tried[] = [];
  readonly #dropped = new Set<string>();
  /** Dropped before the last row, and not shown to be worse: worth another try on a better version. */
  readonly #undecided = new Set<string>();
  readonly #revived = new Set<string>();
  readonly #notes: string[] = [];
  #best: Tried | undefined;
  #lineage: Tried[] = [];
  readonly #near: Standing['near'];
  #quietSince: number | null = null;
  #quiet = 0;

  constructor(input: PrepareInput, context: ApproachContext, settings: Settings) {
    this.#input = input;
    this.#context = context;
    this.#settings = settings;
    this.#ledger = new Ledger(input, context, settings.calls);
    this.#near = input.task.output.kind === 'labels' ? nearLabels(input.train) : [];
  }

  async run(): Promise<SearchResult> {
    const { search, held } = slicesOf(this.#input, this.#settings.calls);
    const deck = new Deck(search, this.#input.seed + 1);
    const reserve = 2 * held.length;
    const baseline = { prompt: plainPrompt(this.#input.task), shots: [] };
    let ended: EndReason = 'plateau';
    let why = '';
    let cutOff: unknown;
    let chosen: Tried | undefined;
    let guard: OptimisationHistory['held'] = null;
    try {
      await this.#begin(baseline, deck);
      ({ ended, why } = await this.#climb(deck, reserve));
      const best = this.#best as Tried;
      const options = { ledger: this.#ledger, pays: this.#settings.pays, confidence, seed: this.#input.seed };
      this.#say('holding the winner against the baseline on rows that were held back');
      const cheapest = best.trial.n === 0 ? best : await cheapestOfTheBest(best, this.#tried, options);
      if (cheapest !== best) {
        this.#notes.push(
          `Version ${cheapest.trial.n} takes fewer tokens than version ${best.trial.n} and cannot be told from it on common rows.`,
        );
      }
      const lineage = cheapest === best ? this.#lineage : [...this.#lineage.filter(({ trial }) => trial.n < cheapest.trial.n), cheapest];
      ({ chosen, held: guard } = await holdBack(lineage, held, options));
    } catch (error) {
      if (!(RungError.is(error) && error.code === 'budget-ended')) throw error;
      cutOff = error;
      ended = 'budget';
      why = error.message;
    }
    const final = chosen ?? this.#best ?? { trial: await this.#unmeasured(baseline), variant: baseline };
    if (this.#tried.length === 0) this.#tried.push(final);
    return { variant: final.variant, history: this.#history(final, ended, why, guard, deck), ...(cutOff !== undefined && { cutOff }) };
  }

  async #begin(baseline: Variant, deck: Deck): Promise<void> {
    this.#say('measuring the baseline');
    const rows = await this.#ledger.measure(baseline, deck.draw(firstRows));
    const trial = await this.#trial(baseline, rows, {
      parent: null,
      kind: 'baseline',
      hypothesis: 'The instructions and the form of the answer alone.',
      change: '',
      gain: null,
      kept: true,
      why: 'what changes are measured against',
    });
    this.#best = { trial, variant: baseline };
    this.#lineage = [this.#best];
    this.#tried.push(this.#best);
  }

  async #climb(deck: Deck, reserve: number): Promise<{ ended: EndReason; why: string }> {
    const { trials: most, pays } = this.#settings;
    while (this.#tried.length <= most) {
      const best = this.#best as Tried;
      const standing = await this.#standing(best.variant);
      if (standing.failing === 0) return { ended: 'plateau', why: 'no row that was measured fails' };
      const move = this.#bandit.choose(await this.#moves(standing));
      if (move === undefined) return { ended: 'plateau', why: 'no change is left that was not tried' };
      const hoped = this.#bandit.hopedGain(move);
      if (hoped < pays)
        return {
          ended: 'plateau',
          why: `the next change promises ${hoped.toFixed(3)} at most, less than the ${pays} that is worth having`,
        };
      if (this.#quiet >= patience) return { ended: 'plateau', why: `${patience} changes in a row brought nothing` };
      if (move.calls + deck.size / 2 > this.#ledger.left - reserve)
        return { ended: 'calls', why: `the ${this.#settings.calls} calls that were allowed are spent` };
      this.#say(`${move.kind}: ${move.hypothesis}`);
      try {
        await this.#try(move, best, deck, reserve);
      } catch (error) {
        if (!(error instanceof CallsEnded)) throw error;
        return { ended: 'calls', why: `the ${this.#settings.calls} calls that were allowed are spent` };
      }
    }
    return { ended: 'trials', why: `the ${most} changes that were allowed are tried` };
  }

  async #try(move: Move, best: Tried, deck: Deck, reserve: number): Promise<void> {
    const { kind, hypothesis, reach, id } = move;
    this.#dropped.add(id);
    const made = await move.make();
    const about = { parent: best.trial.n, kind, hypothesis };
    const why = 'nothing' in made ? made.nothing : await this.#tooLong(made, best.variant, deck);
    if ('nothing' in made || why !== undefined) {
      const variant = 'nothing' in made ? best.variant : made;
      await this.#note(variant, [], { ...about, change: variantDiff(best.variant, variant), gain: null, kept: false, why: why ?? '' });
      this.#bandit.learn(kind, 0, reach, rowsOfNothing);
      return;
    }
    const { pays } = this.#settings;
    const { seed } = this.#input;
    const expected = this.#bandit.expectedGain(move);
    const result: Race = await race({ ledger: this.#ledger, deck, best: best.variant, tried: made, expected, pays, reserve, seed });
    const { rows, against, gain, kept } = result;
    this.#bandit.learn(kind, gain?.value ?? 0, reach, rows.length);
    const change = variantDiff(best.variant, made);
    const tried = await this.#note(made, rows, {
      ...about,
      change,
      gain: shownGain(rows, against, confidence, seed),
      kept,
      why: result.why,
    });
    if (!kept) {
      if (rows.length < deck.size && (tried.trial.gain?.high ?? 0) > pays) this.#undecided.add(id);
      return;
    }
    this.#reviveUndecided();
    this.#best = tried;
    this.#lineage.push(tried);
  }

  /** Each once: after that a dropped change stays dropped. */
  #reviveUndecided(): void {
    for (const id of this.#undecided) {
      if (!this.#revived.has(id)) this.#dropped.delete(id);
      this.#revived.add(id);
    }
    this.#undecided.clear();
  }

  async #tooLong(made: Variant, best: Variant, deck: Deck): Promise<string | undefined> {
    const model = await this.#context.model(this.#input.model);
    return tooLong(made, deck.rows, { variant: best, rows: await this.#ledger.all(best) }, this.#input, model);
  }

  async #note(variant: Variant, rows: readonly MeasuredRow[], about: Omit<TrialAbout, 'n'>): Promise<Tried> {
    const before = this.#ledger.calls;
    const tried = { variant, trial: await this.#trial(variant, rows, about) };
    this.#tried.push(tried);
    if (about.kept) {
      this.#quiet = 0;
      this.#quietSince = null;
    } else {
      this.#quiet++;
      this.#quietSince ??= this.#best?.trial.calls ?? before;
    }
    return tried;
  }

  async #standing(best: Variant): Promise<Standing> {
    const training = new Set(trainingRows({ input: this.#input }).map(({ id }) => id));
    const all = await this.#ledger.all(best);
    const rows = all.filter(({ example }) => !training.has(example.id));
    const scored = rows.filter(({ score, answer }) => score !== null || answer === undefined);
    const failing =
      scored.length === 0 ? 0 : 1 - scored.reduce((sum, { score }) => sum + Math.max(0, Math.min(1, score ?? 0)), 0) / scored.length;
    return {
      input: this.#input,
      best,
      near: this.#near,
      failures: failuresOf(rows, this.#input.task.output),
      failing: scored.some(isFailed) ? failing : 0,
    };
  }

  async #moves(standing: Standing): Promise<readonly Move[]> {
    const ledger = this.#ledger;
    const unasked = await ledger.unknown(withoutLookup(standing.best), trainingRows(standing));
    const { rewriter } = this.#settings;
    const model: CallableModel | undefined = rewriter === undefined ? undefined : await this.#context.model({ model: rewriter });
    const trials = this.#tried.map(({ trial }) => trial);
    const moves = [
      ...exampleMoves(standing),
      ...(model === undefined ? [] : rewritingMoves(standing, { model, ledger, trials, unasked, signal: this.#context.signal })),
      ...editMoves(standing),
      ...ownAnswerMoves(standing, ledger, unasked),
    ];
    return moves.filter(({ id }) => !this.#dropped.has(id));
  }

  async #trial(variant: Variant, rows: readonly MeasuredRow[], about: TrialAbout): Promise<Trial> {
    const { task, seed } = this.#input;
    const candidate = await this.#ledger.candidate(variant);
    return { n: this.#tried.length, candidate, ...about, calls: this.#ledger.calls, ...figuresOf(rows, task.output, { confidence, seed }) };
  }

  async #unmeasured(variant: Variant): Promise<Trial> {
    const about = {
      parent: null,
      kind: 'baseline',
      hypothesis: 'The instructions and the form of the answer alone.',
      change: '',
      gain: null,
      kept: true,
    };
    return this.#trial(variant, [], { ...about, why: 'the budget ended before it was measured' });
  }

  #history(final: Tried, ended: EndReason, why: string, held: OptimisationHistory['held'], deck: Deck): OptimisationHistory {
    const reached = ended === 'plateau';
    const grown = this.#lineage.filter(({ trial }) => trial.n < final.trial.n);
    return {
      schema: 'rung.optimisation/1',
      trials: this.#tried.map(({ trial }) => trial),
      best: final.trial.n,
      ended,
      plateau: { reached, why, calls: reached ? (this.#quietSince ?? this.#best?.trial.calls ?? null) : null },
      held,
      front: paretoFront(this.#tried),
      calls: this.#ledger.calls,
      allowed: this.#settings.calls,
      confidence,
      notes: [
        ...this.#notes,
        ...(deck.rounds === 0 ? [] : [`The ${deck.size} validation rows of the search were used up ${deck.rounds} times and drawn anew.`]),
      ],
      lineage: [...grown, final].map(({ trial, variant }) => ({ n: trial.n, variant })),
    };
  }

  #say(message: string): void {
    const best = this.#best?.trial.value;
    const shown = best === null || best === undefined ? '' : ` (best so far ${(100 * best.value).toFixed(1)} %)`;
    this.#context.progress({ message: `${message}${shown}`, done: this.#ledger.calls, total: this.#settings.calls });
  }
}
