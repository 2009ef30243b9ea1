import { isIPv6 } from 'node:net';
import { isCardNumber, isIban } from './personal-data-cards.ts';
import { nationalIds } from './personal-data-ids.ts';
import type { SensitivePattern } from './secrets-find.ts';

const reservedMail = /(?:[@.]example\.(?:com|org|net)|\.(?:example|test|invalid|localhost)|@2x\.\w+)$/i;

/** Data that leads to a person. Numbers with checksums come before those without. */
export const personalPatterns: readonly SensitivePattern[] = [
  {
    rule: 'iban',
    name: 'IBAN',
    replacement: '[IBAN]',
    source: 'ISO 13616 and SWIFT’s IBAN Registry: length by country, ISO 7064 MOD 97-10',
    pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g,
    holds: isIban,
  },
  {
    rule: 'credit-card',
    name: 'payment card number',
    replacement: '[CARD]',
    source: 'ISO/IEC 7812: issuer’s digits, length, Luhn’s check digit; test numbers of docs.stripe.com/testing left out',
    pattern: /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g,
    holds: isCardNumber,
  },
  ...nationalIds,
  {
    rule: 'email',
    name: 'e-mail address',
    replacement: '[EMAIL]',
    source: 'RFC 5321 and 5322, as mail is written in practice; domains for examples (RFC 2606, RFC 6761) left out',
    needs: ['@'],
    pattern:
      /(?<![\w.%+-])[\p{L}\p{N}_%+-][\p{L}\p{N}._%+-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,24}(?![\w@])/gu,
    // after a scheme it is the password and host of a URL
    holds: (found, before) => !/:\/\/[^\s/]*$/.test(before) && !reservedMail.test(found) && !/^git@/.test(found),
  },
  {
    rule: 'phone',
    name: 'telephone number',
    replacement: '[PHONE]',
    source: 'ITU-T E.164: + and 8 to 15 digits; numbers for fiction (555-0100 to 555-0199, ATIS-0300115) left out',
    needs: ['+'],
    pattern: /(?<![\w+])\+[1-9](?:[ ().\u00a0/-]{0,2}\d){7,14}(?!\d)/g,
    holds: isTelephone,
  },
  {
    rule: 'phone',
    name: 'telephone number',
    replacement: '[PHONE]',
    source: 'North American Numbering Plan: area and exchange begin with 2 to 9; with separators, so that no other number is taken for one',
    pattern: /(?<![\w.$+-])(?:1[-. ])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-.])[2-9]\d{2}[-.]\d{4}(?![\w-])/g,
    holds: isTelephone,
  },
  {
    rule: 'phone',
    name: 'telephone number',
    replacement: '[PHONE]',
    source: 'ITU-T E.123, national notation, after a word that says what it is',
    pattern:
      /\b(?:(?:tele)?phone|mobile|cell|tel|call|handy|telefon|teléfono|téléphone|whatsapp|fax)\b[.:#]?(?: (?:number|me|us|is|at|on|no\.?|nr\.?|unter))*[\s:]{0,2}(?<secret>\(?0?\d(?:[ ()./-]{0,2}\d){7,12})(?![\d.]*\d)/giu,
    holds: isTelephone,
  },
  {
    rule: 'ip-address',
    name: 'IP address',
    replacement: '[IP ADDRESS]',
    source: 'RFC 6890 and 5737: private, shared, local and documentation ranges left out, and the best known public resolvers',
    needs: ['.'],
    pattern: /(?<![\w.:/-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w-]|\.\w)/g,
    holds: (found, before) => !/(?:version|\bv|release|build|section|chapter|firmware)\s?\.?$/i.test(before) && isPublicAddress(found),
  },
  {
    rule: 'ip-address',
    name: 'IP address',
    replacement: '[IP ADDRESS]',
    source: 'RFC 4291 and 3849: global unicast 2000::/3 without 2001:db8::/32',
    needs: [':'],
    pattern: /(?<![\w:.])[23][0-9a-f]{3}:(?:[0-9a-f]{0,4}:){2,6}[0-9a-f]{0,4}(?![\w:.])/gi,
    holds: (found) => isIPv6(found) && !/^2001:0?db8:/i.test(found),
  },
];

function isTelephone(found: string): boolean {
  const digits = found.replace(/\D/g, '');
  if (/^(\d)\1*$/.test(digits) || /^0?1234567/.test(digits)) return false;
  // a date, or an IP address
  if (/^(?:19|20)\d\d[-./]\d\d?[-./]|^\d{1,3}(?:\.\d{1,3}){3}$/.test(found)) return false;
  return digits.length >= 8 && digits.length <= 15 && !/^1?\d{3}5550?1\d{2}$/.test(digits);
}

const wellKnown = new Set(['1.1.1.1', '1.0.0.1', '8.8.8.8', '8.8.4.4', '9.9.9.9', '208.67.222.222', '208.67.220.220']);

function isPublicAddress(found: string): boolean {
  const [a = 0, b = 0, c = 0] = found.split('.').map(Number);
  // 1.2.3.4 and its like are versions and examples
  if (wellKnown.has(found) || found === '1.2.3.4' || a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if ((a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31) || (a === 169 && b === 254) || (a === 100 && b >= 64 && b <= 127)) {
    return false;
  }
  const documentation =
    (a === 192 && b === 0 && (c === 2 || c === 0)) || (a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113);
  return !documentation && !(a === 198 && (b === 18 || b === 19));
}
