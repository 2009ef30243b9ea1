/** A share as a percentage with one decimal. */
export function shareText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
