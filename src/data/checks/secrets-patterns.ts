import { entropyOf, type SensitivePattern } from './secrets-find.ts';

/** Drawn letters and digits have 3 bits a character and more from about ten on; detect-secrets (Yelp) takes 3.0 for hex. */
const leastEntropy = 3;
/** What documentation writes where a secret would be. */
const placeholder = /x{4}|\*{3}|\.{3}|…|example|placeholder|dummy|sample|redacted|change.?me|your[-_]|-here|<|0{8}|12345678|abcdefgh/i;

/** As `process.env.API_KEY_2`: where a program finds it, not what it is. */
const memberPath = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;

function isDrawn(found: string): boolean {
  return entropyOf(found) >= leastEntropy && !placeholder.test(found);
}

function vendorKey(name: string, source: string, needs: readonly string[], body: string): SensitivePattern {
  const pattern = new RegExp(`(?<![A-Za-z0-9_-])(?:${body})(?![A-Za-z0-9_-])`, 'g');
  return { rule: 'api-key', name, replacement: '[API KEY]', source, needs, pattern, holds: isDrawn };
}

/** Keys of vendors, by the formats that their documentation shows; the more telling first. */
const vendorKeys: readonly SensitivePattern[] = [
  vendorKey('Anthropic API key', 'docs.anthropic.com/en/api/overview', ['sk-ant-'], 'sk-ant-[A-Za-z0-9_-]{32,}'),
  vendorKey('OpenRouter API key', 'openrouter.ai/docs/api-reference/authentication', ['sk-or-'], 'sk-or-v1-[0-9a-f]{64}'),
  vendorKey(
    'OpenAI API key',
    'platform.openai.com/docs/api-reference/authentication',
    ['sk-'],
    'sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}',
  ),
  vendorKey(
    'AWS access key id',
    'docs.aws.amazon.com/IAM, "Understanding unique ID prefixes"',
    ['AKIA', 'ASIA'],
    '(?:AKIA|ASIA)[A-Z2-7]{16}',
  ),
  vendorKey('GitHub token', 'github.blog, "Behind GitHub’s new authentication token formats", 2021', ['gh'], 'gh[pousr]_[A-Za-z0-9]{36,}'),
  vendorKey(
    'GitHub token',
    'docs.github.com, "Managing your personal access tokens"',
    ['github_pat_'],
    'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}',
  ),
  vendorKey('GitLab token', 'docs.gitlab.com/security/tokens, "Token prefixes"', ['gl'], '(?:glpat|gldt|glrt|glptt)-[A-Za-z0-9_.-]{20,}'),
  vendorKey('Google API key', 'cloud.google.com/docs/authentication/api-keys', ['AIza'], 'AIza[A-Za-z0-9_-]{35}'),
  vendorKey('Google client secret', 'developers.google.com/identity/protocols/oauth2', ['GOCSPX-'], 'GOCSPX-[A-Za-z0-9_-]{28}'),
  vendorKey('Slack token', 'docs.slack.dev/authentication/tokens', ['xox', 'xapp-'], '(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{20,}'),
  vendorKey('Stripe key', 'docs.stripe.com/keys', ['k_live_'], '[sr]k_live_[A-Za-z0-9]{20,}'),
  vendorKey('Twilio key', 'twilio.com/docs/iam/api-keys', ['SK'], 'SK[0-9a-f]{32}'),
  vendorKey(
    'SendGrid key',
    'twilio.com/docs/sendgrid/ui/account-and-settings/api-keys',
    ['SG.'],
    'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}',
  ),
  vendorKey('npm token', 'docs.npmjs.com/about-access-tokens', ['npm_'], 'npm_[A-Za-z0-9]{36}'),
  vendorKey('PyPI token', 'pypi.org/help/#apitoken', ['pypi-'], 'pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}'),
  vendorKey('Hugging Face token', 'huggingface.co/docs/hub/security-tokens', ['hf_'], 'hf_[A-Za-z0-9]{34,}'),
  vendorKey('Groq API key', 'console.groq.com/docs/api-reference', ['gsk_'], 'gsk_[A-Za-z0-9]{40,}'),
  vendorKey('DigitalOcean token', 'docs.digitalocean.com/reference/api', ['_v1_'], 'do[opr]_v1_[0-9a-f]{64}'),
  vendorKey('Shopify token', 'shopify.dev/docs/apps/build/authentication-authorization', ['shp'], 'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}'),
  vendorKey('Databricks token', 'docs.databricks.com/dev-tools/auth/pat', ['dapi'], 'dapi[0-9a-f]{32}(?:-\\d)?'),
  vendorKey('Telegram bot token', 'core.telegram.org/bots/api, "Authorizing your bot"', [':'], '\\d{8,10}:AA[A-Za-z0-9_-]{33}'),
];

/** Secrets by their form, then by what stands before them. */
export const secretPatterns: readonly SensitivePattern[] = [
  {
    rule: 'private-key',
    name: 'private key',
    replacement: '[PRIVATE KEY]',
    source: 'RFC 7468, Textual Encodings of PKIX, PKCS, and CMS Structures',
    needs: ['PRIVATE KEY'],
    // a key that was cut off before its end is still a secret
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\:,.-]{40,}?(?:-----END (?:[A-Z0-9]+ )?PRIVATE KEY(?: BLOCK)?-----|$|(?=[^A-Za-z0-9+/=\s\\:,.-]))/g,
  },
  ...vendorKeys,
  {
    rule: 'access-token',
    name: 'JSON Web Token',
    replacement: '[TOKEN]',
    source: 'RFC 7519, JSON Web Token',
    needs: ['eyJ'],
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{16,}/g,
    holds: (found) => isTokenHeader(found.slice(0, found.indexOf('.'))),
  },
  {
    rule: 'password',
    name: 'password in a URL',
    replacement: '[PASSWORD]',
    source: 'RFC 3986, section 3.2.1: passwords in the userinfo of a URI',
    needs: ['://'],
    pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@'"<>]{1,100}:(?<secret>[^\s/@'"<>]{3,100})@[A-Za-z0-9[]/gi,
    holds: (found) => !placeholder.test(found) && !/^(?:pass(?:word|wd)?|pwd|secret|token|\$.*|%\w+%|\{.*|\[.*)$/i.test(found),
  },
  {
    rule: 'password',
    name: 'password',
    replacement: '[PASSWORD]',
    source: 'CWE-798, Use of Hard-coded Credentials; entropy as detect-secrets (Yelp) takes it',
    pattern:
      /(?:pass(?:word|wd|phrase)|pwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token|client[_-]?secret|bearer)["']?\s{0,3}(?:[:=]|=>)?\s{0,3}["']?(?<secret>(?<=[:=>"'\s])[^\s"'`,;<>{}()[\]$]{8,200})(?![\w.]*[([])/gi,
    holds: (found) => isDrawn(found) && /\d/.test(found) && /[A-Za-z]/.test(found) && !found.startsWith('http') && !memberPath.test(found),
  },
];

function isTokenHeader(part: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}
