/** What the labelling page adds to the look of Rung's pages. */
export const labelStyle = `
main.labelling{max-width:860px;padding:28px 24px 40px}
.labelling header{display:flex;gap:16px;align-items:center;justify-content:space-between}
.labelling h1{font-size:18px;min-width:0}
main.labelling section{padding-top:0;border:0}
.labelling button{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:7px 12px;cursor:pointer;text-align:left;min-height:40px}
.labelling button:hover{border-color:var(--accent)}
.labelling button:disabled{color:var(--soft);cursor:default;border-color:var(--line)}
.labelling kbd{font:12px var(--mono);color:var(--soft);background:var(--faint);border:1px solid var(--line);border-radius:4px;padding:0 5px;margin-left:4px;white-space:nowrap}
.track{height:6px;border-radius:3px;background:var(--line);overflow:hidden;margin:14px 0 8px}
#filled{height:100%;width:0;background:var(--accent)}
.figures{font-weight:600}
.note{color:var(--soft);font-size:13px}
main.labelling .asked{padding:16px 20px;background:var(--panel);border:1px solid var(--line);border-radius:12px;margin:18px 0;min-height:128px}
.asked .name,.asked .role{color:var(--soft);font-size:12.5px}
.asked .role{margin-top:12px}
.asked .text{white-space:pre-wrap;font-size:17px;line-height:1.5;max-height:46vh;overflow:auto}
.asked .said{margin-top:14px;color:var(--good)}
.asked .draft{margin-top:14px;padding:10px 12px;border-radius:8px;background:var(--accent-faint);white-space:pre-wrap}
.asked .other{margin-top:6px;color:var(--unsure)}
.choices{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:8px}
.choices.written{display:block}
.choices button{display:flex;justify-content:space-between;align-items:center;gap:8px;overflow-wrap:anywhere}
.choices button.given{border-color:var(--good);background:var(--good-faint)}
.choices input,.choices textarea{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:9px 12px;width:100%}
.choices textarea{min-height:120px;resize:vertical}
.choices .search,.choices .take{grid-column:1/-1}
.asked .draft::before{content:"Draft";display:block;font-size:12.5px;color:var(--soft)}
.choices .pair{display:flex;gap:8px;margin-top:8px;flex-wrap:wrap}
.told{min-height:24px;margin-top:10px;color:var(--bad);font-size:13.5px}
main.labelling .ways{border:0;padding:0;background:none;position:static;display:flex;flex-wrap:wrap;gap:8px;margin:4px 0 24px}
.ways .end{margin-left:auto}
.state p{font-size:13.5px;color:var(--soft);margin-top:8px;max-width:60em}
.state .enough{color:var(--good);font-weight:600}
.state .bars{display:grid;grid-template-columns:minmax(0,max-content) minmax(60px,1fr) max-content;gap:3px 10px;font-size:13px;margin-top:14px;align-items:center}
.state progress{width:100%;height:8px;accent-color:var(--accent)}
.labelling dialog{color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:20px 24px;max-width:min(480px,92vw)}
.labelling dialog::backdrop{background:rgb(0 0 0/.35)}
.labelling dialog dl{margin:12px 0 16px}
.labelling dialog div{display:flex;gap:12px;padding:3px 0}
.labelling dt{flex:0 0 96px;font-weight:600}
.labelling dd{margin:0}
@media (max-width:520px){main.labelling{padding:16px 14px 28px}.choices{grid-template-columns:repeat(2,minmax(0,1fr))}main.labelling .asked{padding:12px 14px}.ways .end{margin-left:0;width:100%;text-align:center}.labelling h1{font-size:16px}}
`;
