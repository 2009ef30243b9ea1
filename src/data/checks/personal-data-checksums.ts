/** Luhn's check digit (ISO/IEC 7812-1, annex B): of payment cards and of Swedish personal numbers. */
export function luhnHolds(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** ISO 7064 MOD 97-10 over letters as 10 to 35: of an IBAN (ISO 13616) with its first four characters moved to the end. */
export function mod97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** The remainder of digits times weights. */
export function weighted(digits: string, weights: readonly number[], modulus: number): number {
  return weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0) % modulus;
}

/** ISO 7064 MOD 11,10: of the German tax id. */
export function mod11And10Holds(digits: string): boolean {
  let product = 10;
  for (const digit of digits.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits.at(-1));
}

/** Verhoeff 1969 (Mathematical Centre Tracts 29): of the Indian Aadhaar number. Digits as elements of the dihedral group of ten. */
export function verhoeffHolds(digits: string): boolean {
  let check = 0;
  for (let at = 0; at < digits.length; at += 1) check = dihedral(check, permuted(Number(digits[digits.length - 1 - at]), at % 8));
  return check === 0;
}

function dihedral(left: number, right: number): number {
  if (left < 5) return right < 5 ? (left + right) % 5 : 5 + ((left + right - 5) % 5);
  return right < 5 ? 5 + ((((left - 5 - right) % 5) + 5) % 5) : (((left - right) % 5) + 5) % 5;
}

const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function permuted(digit: number, times: number): number {
  let result = digit;
  for (let time = 0; time < times; time += 1) result = permutation[result]!;
  return result;
}
