/** The figures. */
export const chartStyle = `
figure{border:1px solid var(--line);border-radius:12px;background:var(--panel);padding:18px 20px 14px}
figure+figure{margin-top:12px}
figure h3{margin:0 0 8px}
.chart{display:block;width:100%;height:auto;font:12.5px var(--sans);font-variant-numeric:tabular-nums;overflow:visible}
.chart.narrow{display:none}
.chart text{fill:var(--soft)}
.chart .title{font-weight:600}
.grid{stroke:var(--line)}
.base,.tick,.break{stroke:var(--soft);fill:none}
.chart line.goal{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:2 4}
.chart .goal-text{fill:var(--ink);font-weight:600;paint-order:stroke;stroke:var(--panel);stroke-width:4px}
.frontier-line{fill:none;stroke:var(--accent);stroke-width:1.5;opacity:.55}
.whisker{fill:none;stroke:var(--soft);stroke-width:1.5}
.point .dot{fill:var(--accent);stroke:var(--accent);stroke-width:2}
.point.dominated .dot{fill:var(--panel);stroke:var(--soft)}
.point.chosen .whisker,.point.frontier .whisker{stroke:var(--accent)}
.halo{fill:none;stroke:var(--accent);stroke-width:2}
.chart .label{fill:var(--ink);paint-order:stroke;stroke:var(--panel);stroke-width:4px;stroke-linejoin:round}
.chart .label.strong{font-weight:700}
.chart .label-value{fill:var(--soft);font-weight:400}
.line path{fill:none;stroke-width:2;stroke-linejoin:round}
.line.train path{stroke:var(--soft);stroke-width:1.4}
.line.validation path{stroke:var(--unsure);stroke-dasharray:6 4}.line.validation circle{fill:var(--unsure)}
.line.metric path{stroke:var(--accent)}.line.metric circle{fill:var(--accent)}
.best{stroke:var(--good);stroke-width:1.5;stroke-dasharray:3 3}
.chart .best-text{fill:var(--good);font-weight:640}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:12.5px;color:var(--soft);margin-top:8px}
.legend span{display:inline-flex;align-items:center;gap:7px}
.key{display:inline-block;width:18px;height:0;border-top:2px solid var(--soft)}
.key.chosen,.key.frontier,.key.dominated{width:11px;height:11px;border-radius:50%;border:2px solid var(--accent);background:var(--accent)}
.key.chosen{outline:2px solid var(--accent);outline-offset:2px;width:8px;height:8px;border:0;margin:0 4px}
.key.dominated{background:none;border-color:var(--soft)}
.key.goal{border-top:2px dotted var(--ink)}
.key.validation{border-top:2px dashed var(--unsure)}
.key.metric{border-color:var(--accent)}
.key.best{border-top:2px dashed var(--good)}
@media screen and (max-width:620px){.chart.wide{display:none}.chart.narrow{display:block}figure{padding:14px 12px 12px}}
@media print{.chart.wide{display:block!important;max-height:95mm}.chart.narrow{display:none!important}}
`;
