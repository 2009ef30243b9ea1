/** One answer that a judge and a person both marked. */
export interface CalibrationRow {
  readonly judge: 0 | 1;
  readonly human: 0 | 1;
}
