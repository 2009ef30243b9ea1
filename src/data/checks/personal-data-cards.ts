import { luhnHolds, mod97 } from './personal-data-checksums.ts';

/** First digits and lengths of payment cards by issuer (ISO/IEC 7812; the networks' own rules). */
const issuers: readonly { readonly start: RegExp; readonly lengths: readonly number[] }[] = [
  { start: /^4/, lengths: [13, 16, 19] },
  { start: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { start: /^3[47]/, lengths: [15] },
  { start: /^(?:6011|64[4-9]|65)/, lengths: [16, 19] },
  { start: /^35(?:2[89]|[3-8])/, lengths: [16, 19] },
  { start: /^(?:30[0-5]|36|38|39)/, lengths: [14] },
  { start: /^62/, lengths: [16, 17, 18, 19] },
];

/** Numbers that vendors publish for tests (docs.stripe.com/testing): no one's card. */
const testCards = new Set([
  '4242424242424242',
  '4111111111111111',
  '4000056655665556',
  '5555555555554444',
  '378282246310005',
  '4012888888881881',
]);

export function isCardNumber(found: string): boolean {
  const digits = found.replace(/[ -]/g, '');
  if (testCards.has(digits) || /^(\d)\1*$/.test(digits)) return false;
  return issuers.some(({ start, lengths }) => lengths.includes(digits.length) && start.test(digits)) && luhnHolds(digits);
}

/** Lengths of IBANs by country (SWIFT, IBAN Registry, release 99). */
const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

export function isIban(found: string): boolean {
  const plain = found.replace(/ /g, '').toUpperCase();
  return ibanLengths[plain.slice(0, 2)] === plain.length && mod97(plain.slice(4) + plain.slice(0, 4)) === 1;
}
