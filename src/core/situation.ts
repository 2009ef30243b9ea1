/**
 * What rules of thumb ask before anything is measured. Every answer may be absent: a rule then says what it can, or
 * nothing.
 */
export interface Situation {
  readonly requestsPerMonth?: number;
  readonly labelledExamples?: number;
  readonly requirementChangesPerMonth?: number;
  readonly publicFacing?: boolean;
  readonly consistency?: 'nice' | 'important' | 'critical';
  /** A share: 0.9 is 90 %. */
  readonly accuracyNeeded?: number;
  readonly personas?: number;
  readonly latencyCritical?: boolean;
  readonly domainTerminology?: boolean;
  readonly strictFormat?: boolean;
  readonly promptingPlateaued?: boolean;
  readonly frontierModel?: boolean;
  readonly knowledge?: 'static' | 'changing' | 'none';
  readonly expertise?: 'prompting' | 'ml';
  /** True while the product is being tried out. */
  readonly prototype?: boolean;
}
