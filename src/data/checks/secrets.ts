import { sensitiveCheck } from './secrets-check.ts';
import { secretPatterns } from './secrets-patterns.ts';

const fix = 'Withdraw it where it was issued: whoever has the file has it. Then take it out; --fix replaces it.';

/** Keys, tokens and passwords, which a model learns by heart and gives away. */
export const secrets = sensitiveCheck({
  id: 'secrets',
  summary: 'API keys, private keys, tokens and passwords',
  source: 'The vendors’ documentation, named with each pattern in secrets-patterns.ts; RFC 7468, RFC 7519, RFC 3986',
  patterns: secretPatterns,
  rules: {
    'api-key': { severity: 'error', what: 'keys of services', fix },
    'private-key': { severity: 'error', what: 'private keys', fix },
    'access-token': { severity: 'error', what: 'signed tokens', fix },
    password: { severity: 'error', what: 'passwords', fix },
  },
});
