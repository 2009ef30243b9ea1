import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { personalData } from './personal-data.ts';
import { isCardNumber, isIban } from './personal-data-cards.ts';
import { luhnHolds, verhoeffHolds } from './personal-data-checksums.ts';

async function found(text: string): Promise<readonly string[]> {
  const pass = personalData.begin({ file: 'rows.jsonl', options: {}, seed: 1 });
  pass.row({ line: 1, turns: [{ role: 'user', content: text }] });
  return (await pass.end()).map(({ rule, figures }) => `${rule}: ${Object.keys(figures?.['kinds'] ?? {}).join()}`);
}

describe('checksums', () => {
  // 79927398713: the example of Luhn's algorithm on Wikipedia; 2363: that of Verhoeff's
  test('hold for published examples', () => {
    expect(luhnHolds('79927398713')).toBe(true);
    expect(verhoeffHolds('2363')).toBe(true);
    // examples of SWIFT's IBAN Registry
    for (const iban of ['GB29NWBK60161331926819', 'DE89370400440532013000', 'FR1420041010050500013M02606', 'NO9386011117947']) {
      expect(isIban(iban)).toBe(true);
    }
    expect(isIban('DE89370400440532013001')).toBe(false);
    expect(isIban('DE8937040044053201300')).toBe(false);
  });

  test('find every single wrong digit', () => {
    const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 9 }) });
    const changed = (digits: string, { at, by }: { at: number; by: number }) => {
      const place = at % digits.length;
      return digits.slice(0, place) + ((Number(digits[place]) + by) % 10) + digits.slice(place + 1);
    };
    fc.assert(
      fc.property(change, (one) => {
        expect(luhnHolds(changed('79927398713', one))).toBe(false);
        expect(verhoeffHolds(changed('2363', one))).toBe(false);
      }),
    );
  });

  test('numbers for tests are no cards', () => {
    expect(isCardNumber('4242 4242 4242 4242')).toBe(false);
    expect(isCardNumber('5105-1051-0510-5100')).toBe(true);
    expect(isCardNumber('0000000000000000')).toBe(false);
  });
});

describe('personal data', () => {
  // Examples of the states' own pages and of Wikipedia's articles on each number.
  test.each([
    ['national-id: US social security number', 'SSN 219-45-6789'],
    ['national-id: UK national insurance number', 'AB 12 34 56 C'],
    ['national-id: NHS number', 'NHS number 943 476 5919'],
    ['national-id: Spanish DNI or NIE', '12345678Z'],
    ['national-id: Spanish DNI or NIE', 'X1234567L'],
    ['national-id: Italian codice fiscale', 'RSSMRA85T10A562S'],
    ['national-id: French social security number', '2 55 08 14 168 025 38'],
    ['national-id: Polish PESEL', 'PESEL 44051401359'],
    ['national-id: Brazilian CPF', '111.444.777-35'],
    ['national-id: Finnish personal identity code', '131052-308T'],
    ['national-id: Swedish personal number', '811218-9876'],
    ['national-id: Dutch BSN', 'BSN: 111222333'],
    ['national-id: German tax id', 'Steuer-ID 86095742719'],
    ['credit-card: payment card number', 'card 5105105105105100'],
    ['iban: IBAN', 'to DE89 3704 0044 0532 0130 00 please'],
    ['email: e-mail address', 'write to jürgen.o’neill@web.de'],
    ['phone: telephone number', 'call +44 20 7946 0018 now'],
    ['phone: telephone number', '(415) 231-2671'],
    ['phone: telephone number', 'Telefon: 0171 2345678'],
    ['ip-address: IP address', 'from 81.20.3.4.'],
    ['ip-address: IP address', 'from 2a00:1450:4001:81b::200e'],
  ])('%s in “%s”', async (rule, text) => {
    expect(await found(text)).toEqual([rule]);
  });

  test.each([
    'SSN 078-05-1120, 666-12-3456 and 912-34-5678',
    'QQ 12 34 56 C',
    '12345678A',
    '111.444.777-36',
    '44051401359',
    'order 4929123412341234, tracking 00340434161094015902',
    'user@example.com, logo@2x.png, git@github.com',
    '(555) 555-0142',
    'could you tell 12345678 people',
    '10.0.0.1, 192.168.1.1, 172.20.0.3, 127.0.0.1, 8.8.8.8, 203.0.113.9',
    'version 81.20.3.4 and v81.20.3.4',
    '2001:db8::1 at 10:20:30',
    '2026-09-13 10:38:00',
    '550e8400-e29b-41d4-a716-446655440000',
    'postgres://shop:h7Gt2pQ9@db.internal:5432/shop',
    '3.14159265358979323846',
  ])('leaves alone: %s', async (text) => {
    expect(await found(text)).toEqual([]);
  });
});
