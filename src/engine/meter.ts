/** Counts of one run that are not money. */
export class Meter {
  cached = 0;
  retries = 0;
  failures = 0;
}
