import { chartStyle } from './style-charts.ts';
import { partStyle } from './style-parts.ts';
import { probeStyle } from './style-probes.ts';

const foundation = `
:root{color-scheme:light dark;--paper:#faf9f6;--panel:#fff;--ink:#17181c;--soft:#565b66;--line:#e4e2da;--faint:#f2f0ea;--accent:#3538b0;--accent-faint:#ecedfb;--good:#0b6a45;--good-faint:#e3f3ea;--bad:#b02318;--bad-faint:#fbe9e6;--unsure:#835000;--unsure-faint:#faf0d9;
--sans:"Inter","SF Pro Text",system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--paper:#0f1115;--panel:#161920;--ink:#e8eaef;--soft:#a2a9b6;--line:#2a2f39;--faint:#1c2028;--accent:#a9adff;--accent-faint:#20233f;--good:#62d39c;--good-faint:#123023;--bad:#ff938a;--bad-faint:#3a1a17;--unsure:#f0b65e;--unsure-faint:#36280f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 var(--sans);font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1320px;margin:0 auto;padding:40px 32px 16px}
h1,h2,h3,h4,p,ul,dl,figure{margin:0;padding:0}
h1{font-size:clamp(22px,2.7vw,32px);line-height:1.24;font-weight:640;letter-spacing:-.017em;max-width:34em;text-wrap:pretty}
h2{font-size:20px;line-height:1.3;font-weight:640;letter-spacing:-.01em}
h3{font-size:15px;font-weight:640;margin:28px 0 10px}
h4{font-size:12px;font-weight:600;color:var(--soft);margin:16px 0 4px}
code,pre{font-family:var(--mono);font-size:.88em}
a{color:var(--accent)}
section{padding-top:56px}
.lead{color:var(--soft);max-width:46em;margin:6px 0 18px}
section>h2+:not(.lead){margin-top:16px}
.notes{color:var(--soft);font-size:12.5px;line-height:1.5;margin-top:12px;max-width:72em}
.n,.interval,.model,.none{color:var(--soft)}
.interval,.model,.n{font-size:12px;font-weight:400}
.value{font-weight:600;white-space:nowrap}
.warn{color:var(--bad)}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}.skip:focus{left:16px;top:12px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
footer{max-width:1180px;margin:56px auto 0;padding:16px 32px 40px;color:var(--soft);font-size:12.5px;border-top:1px solid var(--line)}
@media screen and (max-width:760px){main{padding:24px 16px 8px}footer{padding:16px 16px 32px}section{padding-top:44px}}
@media print{@page{size:A4 landscape;margin:12mm}:root{--paper:#fff}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{font-size:11px}main{padding:0;max-width:none}section{padding-top:22px;break-inside:auto}h2,h3{break-after:avoid}tr,figure,.row-card{break-inside:avoid}nav,.skip{display:none}.scroll{overflow:visible!important}}
`;

/** The page's whole look, as one style sheet. */
export const style = foundation + partStyle + chartStyle + probeStyle;
