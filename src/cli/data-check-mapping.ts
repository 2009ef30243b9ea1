import { unreadableFlag } from './flag-values.ts';

/** The value of `--map field=path`, on top of those before it. */
export function fieldMapping(text: string, earlier: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  const [field, path] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at > 0 && field !== '' && path !== '') return { ...earlier, [field]: path };
  throw unreadableFlag(`${JSON.stringify(text)} is no mapping.`, 'Write it as input=request.body.prompt.');
}
