import { type HtmlValue, html, SafeHtml } from './html.ts';
import { renderSection, type Section } from './section.ts';
import { style } from './style.ts';

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface Page {
  readonly title: string;
  readonly header: SafeHtml;
  readonly sections: readonly Section[];
  readonly footer: HtmlValue;
}

/** One HTML page that needs nothing but itself: no network, no script, no fonts. The first section can be skipped to. */
export function renderPage({ title, header, sections, footer }: Page): string {
  const first = sections[0];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${new SafeHtml(policy)}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
<style>${new SafeHtml(style)}</style>
</head>
<body>
${first && html`<a class="skip" href="#${first.id}">To ${first.title.charAt(0).toLowerCase()}${first.title.slice(1)}</a>`}
<main>
${header}
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${sections.map(renderSection)}
</main>
<footer>${footer}</footer>
</body>
</html>
`.toString();
}
