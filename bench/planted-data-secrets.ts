import { isCardNumber, isIban } from '../src/data/checks/personal-data-cards.ts';
import { nationalIds } from '../src/data/checks/personal-data-ids.ts';
import { type Draw, pick } from './planted-data-words.ts';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const hex = '0123456789abcdef';
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const digits = '0123456789';

function drawn(alphabet: string, length: number, random: Draw): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

function until(make: () => string, holds: (text: string) => boolean): string {
  for (;;) {
    const text = make();
    if (holds(text)) return text;
  }
}

export interface PlantedSecret {
  readonly rule: string;
  readonly kind: string;
  make(random: Draw): string;
}

// Prefixes stand apart from what follows, so that no scanner takes this file for a leak.
const key = (kind: string, prefix: string, alphabet: string, length: number): PlantedSecret => ({
  rule: 'api-key',
  kind,
  make: (random) => prefix + drawn(alphabet, length, random),
});

/** Secrets and personal data, drawn anew each time; those with checksums are drawn until they hold. */
export const plantedSecrets: readonly PlantedSecret[] = [
  key('openai', 'sk-proj-', base62, 48),
  key('anthropic', 'sk-ant-api03-', base62, 93),
  key('aws', 'AKIA', upper, 16),
  key('github', 'ghp_', base62, 36),
  key('gitlab', 'glpat-', base62, 20),
  key('google', 'AIza', base62, 35),
  key('slack', 'xoxb-', digits, 24),
  key('stripe', 'sk_live_', base62, 24),
  key('npm', 'npm_', base62, 36),
  key('hugging face', 'hf_', base62, 34),
  key('twilio', 'SK', hex, 32),
  {
    rule: 'private-key',
    kind: 'pem',
    make: (random) =>
      `-----BEGIN RSA PRIVATE KEY-----\n${drawn(base62, 64, random)}\n${drawn(base62, 64, random)}\n-----END RSA PRIVATE KEY-----`,
  },
  {
    rule: 'access-token',
    kind: 'jwt',
    make: (random) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: drawn(digits, 6, random), name: 'A' })}.${drawn(base62, 43, random)}`;
    },
  },
  {
    rule: 'password',
    kind: 'url',
    make: (random) => `postgres://admin:${drawn(base62, 14, random)}@db${drawn(digits, 2, random)}.internal:5432/shop`,
  },
  {
    rule: 'password',
    kind: 'assignment',
    make: (random) =>
      `password = "${until(
        () => drawn(`${base62}!#%`, 14, random),
        (text) => /\d/.test(text) && /[a-z]/i.test(text),
      )}"`,
  },
  {
    rule: 'credit-card',
    kind: 'visa',
    make: (random) =>
      spaced(
        until(() => `4${drawn(digits, 15, random)}`, isCardNumber),
        random,
      ),
  },
  { rule: 'credit-card', kind: 'amex', make: (random) => until(() => `37${drawn(digits, 13, random)}`, isCardNumber) },
  {
    rule: 'iban',
    kind: 'german',
    make: (random) =>
      spaced(
        until(() => `DE${drawn(digits, 20, random)}`, isIban),
        random,
      ),
  },
  {
    rule: 'iban',
    kind: 'british',
    make: (random) => until(() => `GB${drawn(digits, 2, random)}${drawn('BCDFGHL', 4, random)}${drawn(digits, 14, random)}`, isIban),
  },
  {
    rule: 'email',
    kind: 'plain',
    make: (random) =>
      `${pick(['anna', 'j.ortiz', 'li_wei', 'petra+shop'], random)}${drawn(digits, 2, random)}@${pick(['gmail.com', 'web.de', 'uni-graz.at', 'mail.co.uk'], random)}`,
  },
  {
    rule: 'phone',
    kind: 'e.164',
    make: (random) => `+${pick(['44', '49', '33', '351'], random)} ${drawn('123456789', 3, random)} ${drawn(digits, 7, random)}`,
  },
  {
    rule: 'phone',
    kind: 'american',
    make: (random) => `(${pick(['415', '212', '646'], random)}) ${pick(['234', '678', '923'], random)}-${drawn(digits, 4, random)}`,
  },
  {
    rule: 'national-id',
    kind: 'american',
    make: (random) =>
      `${pick(['212', '431', '578'], random)}-${pick(['45', '67', '12'], random)}-${pick(['1', '2', '7'], random)}${drawn(digits, 3, random)}`,
  },
  ...['Spanish DNI or NIE', 'Brazilian CPF', 'Indian Aadhaar number', 'Finnish personal identity code'].map((name) => ({
    rule: 'national-id',
    kind: name,
    make: (random: Draw) =>
      until(
        () => idShape(name, random),
        (text) => nationalIds.find((id) => id.name === name)!.holds!(text, ''),
      ),
  })),
  {
    rule: 'ip-address',
    kind: 'ipv4',
    make: (random) => `${pick(['81', '93', '185'], random)}.${between(random)}.${between(random)}.${between(random)}`,
  },
];

/** What looks like the above and is none of it. */
export const decoys: readonly ((random: Draw) => string)[] = [
  (random) =>
    `order ${until(
      () => `4${drawn(digits, 15, random)}`,
      (text) => !isCardNumber(text),
    )}`,
  () => 'the key sk-xxxxxxxxxxxxxxxxxxxxxxxx from the manual',
  () => 'AKIAIOSFODNN7EXAMPLE in the documentation',
  (random) => `user${drawn(digits, 3, random)}@example.com`,
  (random) => `192.168.${between(random)}.${between(random)}`,
  (random) => `version ${drawn('123', 1, random)}.${drawn(digits, 2, random)}.0.${drawn(digits, 1, random)}`,
  () => 'postgres://user:password@localhost/db',
  () => 'password: ask your administrator',
  (random) => `tracking number ${drawn(digits, 20, random)}`,
  (random) => `part ${drawn('ABCDEFGH', 2, random)}-${drawn(digits, 6, random)}`,
  () => 'call +1 (555) 555-0142 in the film',
  (random) =>
    `on 2026-0${drawn('123456789', 1, random)}-1${drawn(digits, 1, random)} at 10:${drawn('012345', 1, random)}${drawn(digits, 1, random)}:00`,
  (random) => `${drawn(hex, 40, random)} is the commit`,
  (random) => `the sum of ${drawn('123456789', 3, random)}-${drawn('123456789', 2, random)} and ${drawn(digits, 9, random)}`,
  (random) =>
    `${drawn(hex, 8, random)}-${drawn(hex, 4, random)}-4${drawn(hex, 3, random)}-a${drawn(hex, 3, random)}-${drawn(hex, 12, random)}`,
];

function between(random: Draw): number {
  return 1 + Math.floor(random() * 253);
}

function spaced(text: string, random: Draw): string {
  return random() < 0.5 ? text : (text.match(/.{1,4}/g) ?? []).join(' ');
}

function idShape(name: string, random: Draw): string {
  if (name === 'Spanish DNI or NIE') return `${drawn(digits, 8, random)}${drawn('TRWAGMYFPDXBNJZSQVHLCKE', 1, random)}`;
  if (name === 'Brazilian CPF')
    return `${drawn(digits, 3, random)}.${drawn(digits, 3, random)}.${drawn(digits, 3, random)}-${drawn(digits, 2, random)}`;
  if (name === 'Indian Aadhaar number')
    return `${drawn('3456789', 1, random)}${drawn(digits, 3, random)} ${drawn(digits, 4, random)} ${drawn(digits, 4, random)}`;
  return `${drawn('12', 1, random)}${drawn('12345678', 1, random)}0${drawn('123456789', 1, random)}${drawn('5678', 1, random)}${drawn(digits, 1, random)}-${drawn(digits, 3, random)}${drawn('0123456789ABCDEFHJKLMNPRSTUVWXY', 1, random)}`;
}
