/** A measured number: never shown without its interval, its n and its method. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly method: string;
}
