/** Curves, heat tables and steps. The colours of curves lie far apart in lightness or hue for the common colour blindnesses, and each has its own mark. */
export const probeStyle = `
:root{--series-0:#0072b2;--series-1:#b84a00;--series-2:#00795a;--series-3:#a8457f;--series-4:#806000;--series-5:#4a4f5a}
@media (prefers-color-scheme:dark){:root{--series-0:#6cb6f0;--series-1:#ff9a5c;--series-2:#4fd3a7;--series-3:#f0a0cf;--series-4:#e6c04d;--series-5:#c3c9d4}}
.s0{--c:var(--series-0)}.s1{--c:var(--series-1)}.s2{--c:var(--series-2)}.s3{--c:var(--series-3)}.s4{--c:var(--series-4)}.s5{--c:var(--series-5)}
.series .curve{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
.series .whisker{fill:none;stroke:var(--c);stroke-width:1.5;opacity:.5}
.series .mark{fill:var(--c);stroke:var(--panel);stroke-width:1}
.series.dashed .curve{stroke-dasharray:6 5}
.series.dashed .mark{fill:var(--panel);stroke:var(--c);stroke-width:1.8}
.series-key{flex:none;width:32px;height:14px}
.legend .n{color:var(--soft)}
.stack>h3{margin-bottom:0}
.stack>.panel{margin-top:10px}
figure+.panel{margin-top:10px}
.measures{width:auto;min-width:min(100%,480px)}
.measures thead th{max-width:200px}
table.measures:not(.ladder) th[scope=row]{min-width:132px}
.measures .bar{max-width:220px}
.measures td .interval,.heat-table td span{white-space:nowrap}
.heat-table{width:auto;font-size:13px}
.scroll:has(>.measures),.scroll:has(>.heat-table){width:fit-content;max-width:100%}
.heat-table th[scope=row]{max-width:230px}
.heat-table thead th{max-width:130px}
.heat{min-width:92px;padding:7px 10px;color:var(--ink);background:color-mix(in srgb,var(--bad) calc(var(--part)*.46),transparent);border:1px solid var(--line);background-clip:padding-box}
.heat b,.heat span{display:block;line-height:1.35}
.heat span{font-size:12px}
.heat.few,.heat-key.few{outline:1.5px dashed var(--soft);outline-offset:-4px}
.overall{border-top:3px double var(--line)}
.heat-legend{align-items:center}
.heat-key{display:inline-block;width:22px;height:14px;border:1px solid var(--line);background:color-mix(in srgb,var(--bad) calc(var(--part,0%)*.46),transparent)}
.cases{border-top:0;margin-top:0;padding-top:0}
.answers.cases li{grid-template-columns:20px minmax(120px,26%) 1fr;padding:4px 0;gap:8px}
.cases .who code{overflow-wrap:anywhere}
.steps>summary{color:var(--soft);font-size:12.5px}
.steps ol{padding-left:18px;margin:4px 0}
.steps li{display:list-item;margin-top:3px}
.answers .steps li{display:list-item;padding:0}
.steps .who{margin-right:6px}
.comparison .is-picked{background:var(--accent-faint);box-shadow:inset 3px 0 0 var(--accent)}
.comparison .is-picked .bar{background:var(--panel)}
.comparison td{min-width:104px}
.comparison thead .n{display:block}
.probed{margin-top:20px}
@media screen and (max-width:760px){.comparison td{min-width:0}.answers.cases li{grid-template-columns:20px 1fr}.answers.cases .said{grid-column:2}.heat-table th[scope=row]{min-width:110px}}
@media print{.heat span{font-size:9px}}
`;
