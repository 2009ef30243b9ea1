/** An amount of US dollars for people: to the cent, in more digits below one, as a power of ten beyond 15 digits. */
export function dollarText(amount: number): string {
  if (amount !== 0 && Math.abs(amount) < 0.01) return `$${amount.toLocaleString('en-US', { maximumSignificantDigits: 4 })}`;
  if (Math.abs(amount) >= 1e15) return `$${amount.toExponential(2)}`;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** What a request costs, in six digits. */
export function requestDollarText(amount: number): string {
  if (amount >= 1000) return dollarText(amount);
  return `$${amount.toLocaleString('en-US', { maximumSignificantDigits: 6, useGrouping: false })}`;
}

/** A count for people: whole from 1,000 on, else to a tenth; as a power of ten beyond 15 digits. */
export function countText(amount: number): string {
  if (amount >= 1e15) return amount.toExponential(2);
  return amount.toLocaleString('en-US', { maximumFractionDigits: amount < 1000 ? 1 : 0 });
}

/** A count or an amount in at most six characters: 1.2k, 340M. */
export function shortText(amount: number): string {
  if (amount >= 1e15 || (amount > 0 && amount < 0.01)) return amount.toExponential(0);
  if (amount < 10) return String(Number(amount.toPrecision(2)));
  return new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 }).format(amount);
}
