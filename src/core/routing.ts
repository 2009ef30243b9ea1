import type { Estimate } from './estimate.ts';

/** What became of the cheap answer of a cascade. */
export interface Routed {
  /** False where the strong model was asked. */
  readonly accepted: boolean;
  /** Calibrated probability that the cheap answer is right; null where nothing tells. */
  readonly confidence: number | null;
  /** Signal → its score, higher surer; only while a cascade is prepared. */
  readonly signals?: Readonly<Record<string, number>>;
}

/** One half of a cascade. */
export interface RoutingPart {
  /** `partId` of its manifest, by which it is found on the ladder. */
  readonly part: string;
  readonly rung: string;
  readonly model: string | null;
}

/** How far confidence and truth lie apart, over bins of equally many rows. */
export interface CalibrationFigures {
  /** Expected calibration error: the mean distance of confidence and share of right answers. */
  readonly error: number;
  /** What a perfectly calibrated confidence would show on so many rows, on average and at its 95th percentile. */
  readonly expected: number;
  readonly expectedHigh: number;
  readonly n: number;
  readonly bins: number;
  readonly method: string;
}

/** What one signal did on the validation rows. */
export interface SignalFigures {
  readonly signal: string;
  /** Area under the recovered gap over the share of strong calls; 0.5 for random routing, null where there is no gap. */
  readonly area: number | null;
  readonly calibration: CalibrationFigures;
  /** Share of the rows whose cheap answer may be accepted under the bound; 0 where none. */
  readonly accepted: number;
}

/** How a cascade was made ready. Plain JSON: a part of its manifest. */
export interface RoutingPlan {
  readonly cheap: RoutingPart;
  readonly strong: RoutingPart;
  readonly signal: string;
  /** Cheap answers of at least this confidence are accepted; null sends everything to the strong model. */
  readonly threshold: number | null;
  /** The most of the leading metric that may be lost on average against the strong part alone. */
  readonly loss: number;
  readonly lossConfidence: number;
  /** What was shown on the validation rows, or why nothing could be: a sentence. */
  readonly why: string;
  readonly rows: number;
  readonly signals: readonly SignalFigures[];
}

/** A cascade on the measured rows: index i of every column is row i of the evidence. */
export interface RoutingEvidence {
  readonly plan: RoutingPlan;
  /** 1 accepted, 0 passed on, NaN not measured. */
  readonly accepted: Float64Array;
  /** NaN where it is not known. */
  readonly confidence: Float64Array;
}

/** A share of strong calls and what it brings, random routing beside it. */
export interface RoutingCurvePoint {
  strongShare: number;
  value: number;
  random: number;
  /** US dollars per 1,000 requests of the cascade at this share; absent where a price is not known. */
  costPer1k?: number;
}

interface Difference {
  value: number;
  low: number;
  high: number;
  p: number;
  n: number;
  method: string;
}

/** A cascade beside what it must beat: the best single rung, and random routing at the same cost. */
export interface RoutingVerdict extends RoutingPlan {
  strongShare: Estimate;
  /** Null where its two parts were not measured alone on the same rows. */
  compared: {
    metric: string;
    /** Share of strong calls of the random mix that costs as much; `by` says what was held equal. */
    randomShare: number;
    by: 'cost' | 'strong calls';
    randomMix: Estimate;
    gainOverRandom: Difference;
    beatsRandom: boolean;
    bestSingle: { rung: string; candidate: string; value: number; costPer1k?: number; gain: Difference };
    /** Against the strong part alone: what the bound was on. */
    lost: Difference;
    /** Share of the gap between the cheap and the strong part; null where there is no gap. */
    gapRecovered: Estimate | null;
    apgr: Estimate | null;
    /** Share of strong calls that recovers so many per cent of the gap. */
    cpt: Record<'50' | '80' | '95', Estimate> | null;
    curve: RoutingCurvePoint[];
  } | null;
  /** Whether it beats random routing, in a sentence. */
  says: string;
}
