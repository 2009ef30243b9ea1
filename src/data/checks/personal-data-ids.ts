import { luhnHolds, mod11And10Holds, verhoeffHolds, weighted } from './personal-data-checksums.ts';
import type { SensitivePattern } from './secrets-find.ts';

interface NationalId {
  readonly name: string;
  readonly source: string;
  readonly pattern: RegExp;
  /** Where the form alone is too common: words that stand before it. */
  readonly said?: RegExp;
  holds(plain: string): boolean;
}

const spanishLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';
const finnishCharacters = '0123456789ABCDEFHJKLMNPRSTUVWXY';

const ids: readonly NationalId[] = [
  {
    name: 'US social security number',
    source: 'ssa.gov, "Social Security Number Randomization": no area 000, 666 or 900 to 999',
    pattern: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g,
    // 078-05-1120 was printed on sample cards and 219-09-9999 in a brochure
    holds: (plain) => /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(plain) && plain !== '078051120' && plain !== '219099999',
  },
  {
    name: 'UK national insurance number',
    source: 'gov.uk, NIM39110: prefixes that are not used',
    pattern: /(?<!\w)(?![DFIQUV])[A-Z](?![DFIQUVO])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/g,
    holds: (plain) => !/^(?:BG|GB|KN|NK|NT|TN|ZZ|QQ)/.test(plain),
  },
  {
    name: 'NHS number',
    source: 'datadictionary.nhs.uk, NHS NUMBER: modulus 11',
    pattern: /(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])/g,
    said: /nhs/i,
    holds: (plain) => (11 - weighted(plain, [10, 9, 8, 7, 6, 5, 4, 3, 2], 11)) % 11 === Number(plain[9]),
  },
  {
    name: 'Spanish DNI or NIE',
    source: 'interior.gob.es, "Cálculo del dígito de control del NIF/NIE"',
    pattern: /(?<!\w)(?:\d{8}|[XYZ]\d{7})-?[A-HJ-NP-TV-Z](?!\w)/g,
    holds: (plain) => {
      const number = plain.slice(0, 8).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
      return spanishLetters[Number(number) % 23] === plain[8];
    },
  },
  {
    name: 'Italian codice fiscale',
    source: 'Decreto ministeriale 23 December 1976, n. 13813',
    pattern: /(?<!\w)[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)/g,
    holds: isFiscalCode,
  },
  {
    name: 'French social security number',
    source: 'INSEE, numéro d’inscription au répertoire: key 97 − n mod 97',
    pattern: /(?<![\w-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?![\w-])/g,
    holds: (plain) => 97 - Number(BigInt(plain.slice(0, 13)) % 97n) === Number(plain.slice(13)),
  },
  {
    name: 'Polish PESEL',
    source: 'gov.pl, "Czym jest numer PESEL": weights 1 3 7 9',
    pattern: /(?<![\w-])\d{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12]\d|3[01])\d{5}(?![\w-])/g,
    said: /pesel/i,
    holds: (plain) => (10 - weighted(plain, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10)) % 10 === Number(plain[10]),
  },
  {
    name: 'Brazilian CPF',
    source: 'Receita Federal, Instrução Normativa RFB 1548/2015; modulus 11 twice',
    pattern: /(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])/g,
    holds: (plain) => !/^(\d)\1*$/.test(plain) && cpfDigit(plain, 9) === Number(plain[9]) && cpfDigit(plain, 10) === Number(plain[10]),
  },
  {
    name: 'Indian Aadhaar number',
    source: 'uidai.gov.in: twelve digits, none of 0 and 1 first, Verhoeff’s check digit',
    pattern: /(?<![\w-])[2-9]\d{3} \d{4} \d{4}(?![\w-]| \d)/g,
    holds: verhoeffHolds,
  },
  {
    name: 'Finnish personal identity code',
    source: 'dvv.fi, "Personal identity code": remainder by 31',
    pattern: /(?<!\w)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?!\w)/g,
    holds: (plain) => {
      const digits = plain.replace(/\D/g, '').slice(0, 6) + plain.slice(-4, -1);
      return finnishCharacters[Number(digits) % 31] === plain.at(-1);
    },
  },
  {
    name: 'Swedish personal number',
    source: 'skatteverket.se, "Personnummer": Luhn over ten digits',
    pattern: /(?<![\w-])(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-+]\d{4}(?![\w-])/g,
    holds: (plain) => luhnHolds(plain.slice(-10)),
  },
  {
    name: 'Dutch BSN',
    source: 'rvig.nl, burgerservicenummer: weights 9 to 2 and −1, modulus 11',
    pattern: /(?<![\w-])\d{9}(?![\w-])/g,
    said: /bsn|burgerservice|sofi/i,
    holds: (plain) => plain !== '000000000' && weighted(plain, [9, 8, 7, 6, 5, 4, 3, 2, -1], 11) === 0,
  },
  {
    name: 'German tax id',
    source: 'bzst.de, steuerliche Identifikationsnummer: ISO 7064 MOD 11,10',
    pattern: /(?<![\w-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-])/g,
    said: /steuer|idnr|tax/i,
    holds: mod11And10Holds,
  },
];

export const nationalIds: readonly SensitivePattern[] = ids.map(({ name, source, pattern, said, holds }) => ({
  rule: 'national-id',
  name,
  replacement: '[ID NUMBER]',
  source,
  pattern,
  holds: (found, before) => (said === undefined || said.test(before)) && holds(found.replace(/[ .-]/g, '')),
}));

function cpfDigit(plain: string, length: number): number {
  const weights = Array.from({ length }, (_, at) => length + 1 - at);
  const rest = weighted(plain, weights, 11);
  return rest < 2 ? 0 : 11 - rest;
}

const fiscalOdd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

function isFiscalCode(plain: string): boolean {
  let sum = 0;
  for (let at = 0; at < 15; at += 1) {
    const code = plain.charCodeAt(at);
    const value = code < 65 ? code - 48 : code - 65;
    // positions count from 1: the first is odd
    sum += at % 2 === 0 ? fiscalOdd[value]! : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === plain[15];
}
