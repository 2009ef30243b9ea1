import { personalPatterns } from './personal-data-patterns.ts';
import { sensitiveCheck } from './secrets-check.ts';

const fix = 'Keep it only where the law and the people allow it and the task needs it; --fix replaces it.';

/** Data that leads to a person: with a checksum where there is one, so that order numbers are not taken for it. */
export const personalData = sensitiveCheck({
  id: 'personal-data',
  summary: 'payment cards, IBANs, national ids, e-mail addresses, telephone numbers, IP addresses',
  source: 'ISO/IEC 7812, ISO 13616, ITU-T E.164, RFC 5322, RFC 6890 and the states’ own rules, named with each pattern',
  patterns: personalPatterns,
  rules: {
    'credit-card': { severity: 'error', what: 'payment cards', fix },
    iban: { severity: 'warning', what: 'bank accounts', fix },
    'national-id': { severity: 'error', what: 'numbers that states give to people', fix },
    email: { severity: 'warning', what: 'e-mail addresses', fix },
    phone: { severity: 'warning', what: 'telephone numbers', fix },
    'ip-address': { severity: 'info', what: 'public IP addresses', fix },
  },
});
