/** Headline, tables, cards. */
export const partStyle = `
.eyebrow{display:flex;flex-wrap:wrap;align-items:center;gap:8px;font-size:13.5px;font-weight:600;margin-bottom:28px}
.eyebrow time{color:var(--soft);font-weight:400}
.slash{color:var(--soft);font-weight:400}
.logo{width:20px;height:20px;fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linecap:round}
.badge{display:inline-flex;gap:7px;align-items:center;padding:3px 12px 3px 10px;border-radius:99px;font-size:13px;font-weight:640;margin-bottom:14px}
.badge+.badge{margin-left:6px}.badge a{color:inherit}
.badge.met,.goal.met{color:var(--good);background:var(--good-faint)}
.badge.not-met,.goal.not-met{color:var(--bad);background:var(--bad-faint)}
.badge.undecided,.goal.undecided,.badge.prior{color:var(--unsure);background:var(--unsure-faint)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:12px;overflow:hidden;margin-top:28px}
.fact{background:var(--panel);padding:14px 18px}
.fact dt{font-size:12.5px;color:var(--soft)}
.fact dd{margin:2px 0 0}
.fact strong{display:block;font-size:21px;line-height:1.3;font-weight:640;letter-spacing:-.01em}
.fact dd span{font-size:12.5px;color:var(--soft)}
.fact strong bdi{font-size:inherit;color:var(--ink)}
.next{margin-top:24px;border-left:3px solid var(--accent);padding:2px 0 2px 18px}
.next h2{font-size:14px}
.next ul{list-style:none;margin-top:4px}
.next li{margin-top:3px;max-width:62em}
.next code{background:var(--accent-faint);color:var(--accent);padding:1px 7px;border-radius:5px;white-space:nowrap}
nav{margin-top:32px;border-block:1px solid var(--line)}
nav ul{display:flex;flex-wrap:wrap;gap:2px 22px;list-style:none;padding:9px 0}
nav a{font-size:13px;color:var(--soft);text-decoration:none}
nav a:hover{color:var(--accent);text-decoration:underline}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:12px;background:var(--panel)}
table{border-collapse:collapse;width:100%;font-size:14px;overflow-wrap:break-word}
table bdi{overflow-wrap:anywhere}
table:not(.ladder) th[scope=row],table:not(.ladder) td:has(>bdi){min-width:96px}
.matrix th bdi{overflow-wrap:break-word}
caption{text-align:left;font-size:12.5px;color:var(--soft);padding:10px 14px 0}
th,td{padding:10px 14px;text-align:left;vertical-align:top}
thead th{font-size:12px;font-weight:600;color:var(--soft);vertical-align:bottom;line-height:1.35}
tbody tr{border-top:1px solid var(--line)}
tbody th{font-weight:600}
.figure{text-align:right;white-space:nowrap}
td .interval,th .model,th .n{display:block;line-height:1.4}
td .interval{white-space:nowrap}
.ladder td .interval .n{display:block}
.ladder th,.ladder td{padding-inline:9px}
.ladder th:first-child{padding-left:16px;min-width:130px}
.ladder .metric{min-width:128px}
.ladder td .value{white-space:nowrap}
.ladder td .interval{white-space:nowrap}
.ladder .is-chosen{background:var(--accent-faint);box-shadow:inset 3px 0 0 var(--accent)}
.chosen{display:block;color:var(--accent);font-size:12px;font-weight:640}
.skipped{color:var(--soft)}
.bar{position:relative;display:block;height:8px;min-width:64px;max-width:150px;margin-top:6px;border-radius:4px;background:var(--faint);box-shadow:inset 0 0 0 1px var(--line)}
.is-chosen .bar{background:var(--panel)}
.bar .band{position:absolute;top:1px;bottom:1px;background:var(--accent);opacity:.4;border-radius:3px;min-width:2px}
.bar .dot{position:absolute;top:1px;width:6px;height:6px;margin-left:-3px;border-radius:50%;background:var(--accent)}
.bar .goal-line{position:absolute;top:-3px;bottom:-3px;width:2px;margin-left:-1px;background:var(--ink)}
.goals{list-style:none;display:flex;flex-direction:column;align-items:flex-start;gap:3px}
.goal{display:inline-block;font-size:12px;font-weight:600;padding:0 8px;border-radius:99px;white-space:nowrap}
.stopped{display:block;font-size:12px;line-height:1.4;color:var(--unsure);min-width:8em}
.reading td,.reading th{line-height:1.45}
.reading td:last-child:not(.figure){min-width:16em}
.reading th .n{font-weight:400}
.reading th bdi{overflow-wrap:break-word}.guards tbody th{min-width:12ch}.guards th[scope=row]+td{white-space:nowrap}
.sign{white-space:nowrap;color:var(--soft)}.sign.seen{color:var(--ink);font-weight:640}
.plain{padding-left:18px}.plain li{margin-top:4px;max-width:62em}
.stack>*+*{margin-top:12px}
.panel>.notes{margin:0 0 10px}
.panel>summary .n{display:inline-block;min-width:16px}
.labels .bar{max-width:220px}
.labels td .interval{display:inline;margin-left:4px}
.matrix{width:auto;font-size:13px}
.scroll:has(.matrix){width:fit-content;max-width:100%}
.matrix th[scope=col]:last-child{text-align:right}
.matrix thead th{text-align:center}.matrix thead th:first-child{text-align:left}
.matrix th[scope=col]{max-width:110px}
.matrix td{text-align:center;min-width:52px;padding:8px 6px;background-clip:padding-box}
.matrix .wrong{background:color-mix(in srgb,var(--bad) calc(var(--part)*.45 + 6%),transparent)}
.matrix .right{background:color-mix(in srgb,var(--good) calc(var(--part)*.24 + 4%),transparent);box-shadow:inset 0 0 0 1.5px var(--good);font-weight:640}
.matrix .zero{color:var(--soft)}
.matrix .total{color:var(--soft);text-align:right}
details>summary{cursor:pointer}
summary::marker{color:var(--soft)}
.panel{border:1px solid var(--line);border-radius:12px;background:var(--panel);margin-top:10px;padding:0 18px}
.panel>summary{padding:12px 0;font-weight:600}
.panel[open]{padding-bottom:16px}
.panel .scroll{border:0}
pre{margin:0;padding:12px 14px;background:var(--faint);border-radius:8px;white-space:pre-wrap;line-height:1.5}
.text{white-space:pre-wrap}
bdi.text{display:inline}
.fold>summary{color:inherit}
.fold>.text{display:block;margin-top:6px;padding:10px 12px;background:var(--faint);border-radius:8px;max-height:420px;overflow:auto}
.note{color:var(--soft);font-size:12.5px}
.row-cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:12px}
.row-card{border:1px solid var(--line);border-radius:12px;background:var(--panel);padding:14px 18px;min-width:0}
.row-card header{font-size:12px;color:var(--soft)}
.asked{margin-top:2px;line-height:1.45}
.expected{margin-top:8px;font-weight:600}
.expected>span:first-child{font-weight:400;color:var(--soft);font-size:12.5px;margin-right:6px}
.answers{list-style:none;margin-top:10px;border-top:1px solid var(--line);padding-top:8px;font-size:13.5px}
.answers li{display:grid;grid-template-columns:20px minmax(84px,30%) 1fr;gap:4px;padding:1.5px 0}
.who{color:var(--soft)}
.said{min-width:0}
.mark{font-weight:700}.mark.met{color:var(--good)}.mark.not-met{color:var(--bad)}
.signs,.warnings{list-style:none}
.signs li,.warnings li{margin-top:6px;max-width:62em}
.signs b{display:inline-block;margin-right:6px}
.warnings .warn{font-weight:700;margin-right:4px}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,250px),1fr));gap:14px 32px}
.pairs dt{color:var(--soft);font-size:12.5px}
.pairs dd{margin:0;font-weight:500}
.pairs code{font-weight:400;font-size:12px;word-break:break-all}
@media screen and (max-width:760px){
.row-card,.fact{padding-inline:14px}
.facts{grid-template-columns:1fr 1fr}.fact:first-child{grid-column:1/-1}
.scroll:has(.ladder){border:0;background:none;overflow:visible}
.ladder,.ladder tbody,.ladder tr,.ladder th,.ladder td{display:block}
.ladder thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.ladder tr{border:1px solid var(--line);border-radius:12px;background:var(--panel);padding:12px 14px;margin-bottom:10px;display:grid;grid-template-columns:1fr 1fr;gap:12px 16px}
.ladder tr th{grid-column:1/-1;font-size:16px}
.ladder tr th,.ladder tr td,.ladder th:first-child{padding:0}
.ladder .skipped td{grid-column:1/-1}
.ladder td[data-label]::before{content:attr(data-label);display:block;font-size:12px;color:var(--soft)}
.labels td .interval{display:block;margin:0}
th,td{padding:9px 10px}.reading td:last-child:not(.figure){min-width:11em}
.guards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.guards,.guards tbody,.guards th,.guards td{display:block}
.guards tr{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px;padding:12px 14px;border-bottom:1px solid var(--line)}
.guards tr:last-child{border-bottom:0}.guards tr>*{padding:0;border:0}.guards td:empty{display:none}.guards .figure{text-align:left}.guards .figure .interval{display:inline}
.guards td:last-child:not(.figure){flex-basis:100%;min-width:0}
}
@media print{.ladder th,.ladder td{padding:6px}.row-cards{grid-template-columns:1fr 1fr 1fr}table{font-size:10.5px}.interval,.model,.n,thead th,.goal{font-size:9px}}
`;
