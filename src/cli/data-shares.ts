import { type SplitName, splitNames } from '#core/example.ts';
import { suggestName } from '#data/nearest.ts';
import { unreadableFlag } from './flag-values.ts';

/** A tenth is for testing; of the rest nine tenths are trained on and one tenth is for choosing and stopping. */
export const defaultShares: Readonly<Record<SplitName, number>> = { train: 0.81, validation: 0.09, test: 0.1 };

/** Reads shares as `train=0.8,validation=0.1,test=0.1`; parts that are not named get none. Throws a usage error. */
export function splitShares(text: string): Readonly<Record<SplitName, number>> {
  const shares: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
  for (const piece of text.split(',')) {
    const [given = '', amount = ''] = piece.split('=').map((part) => part.trim());
    const name = splitNames.find((known) => known === given);
    if (name === undefined) throw unreadableFlag(`There is no part named ${JSON.stringify(given)}.`, suggestName(given, splitNames));
    const share = Number(amount);
    if (amount === '' || !Number.isFinite(share) || share < 0 || share > 1) {
      throw unreadableFlag(`${JSON.stringify(amount)} is no share of the rows.`, 'Write shares from 0 to 1, as train=0.8,test=0.2.');
    }
    shares[name] = share;
  }
  const sum = shares.train + shares.validation + shares.test;
  if (Math.abs(sum - 1) < 1e-6) return shares;
  throw unreadableFlag(
    `The shares add up to ${Number(sum.toFixed(4))}, not to 1.`,
    `Write them as train=${defaultShares.train},validation=${defaultShares.validation},test=${defaultShares.test}.`,
  );
}

/** A share from 0 up to, and without, 1. */
export function shareValue(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && Number.isFinite(share) && share >= 0 && share < 1) return share;
  throw unreadableFlag(`${JSON.stringify(text)} is no share of the rows.`, 'Write it from 0 to 1, as 0.1.');
}
