// The report's look and its one behaviour (choosing a language). No fonts, images or scripts from elsewhere; nothing is remembered.
export const STYLE = `
:root{color-scheme:light dark;--page:#faf8f5;--card:#fff;--ink:#1f1b17;--soft:#6b6259;--rule:#e7e0d7;--grid:#eee8df;--ember:#c8440f;--ember-soft:#fbe6da;--ember-fill:rgba(226,92,32,.16);
--blue:#2b6cb0;--teal:#12857a;--green:#377f33;--amber:#c98a06;--gray:#8a8178;--violet:#7d55b5;--stock:rgba(138,129,120,.16);--bar-track:#f1ece4;--shadow:0 1px 2px rgba(60,40,20,.06),0 4px 16px rgba(60,40,20,.04)}
@media screen and (prefers-color-scheme:dark){:root{--page:#161310;--card:#1f1b17;--ink:#f2ece4;--soft:#aca196;--rule:#352e27;--grid:#2c2620;--ember:#ff8a4c;--ember-soft:#3b2317;--ember-fill:rgba(255,138,76,.2);
--blue:#79b4ea;--teal:#4fc3b4;--green:#83c77c;--amber:#eeb948;--gray:#988d82;--violet:#b897e6;--stock:rgba(172,161,150,.16);--bar-track:#2b251f;--shadow:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;overflow-wrap:anywhere}
html[data-lang=en] [lang=zh-CN],html[data-lang=zh] [lang=en]{display:none}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
main,header,footer{max-width:1128px;margin:0 auto;padding:0 24px}
header{padding-top:44px;padding-bottom:8px;position:relative}
.brand{color:var(--ember);font-weight:600;letter-spacing:.02em;font-size:14px;margin:0 0 6px}
h1{font-size:34px;line-height:1.2;margin:0 0 10px;letter-spacing:-.01em}
h2{font-size:21px;line-height:1.3;margin:0 0 6px;letter-spacing:-.005em}
h3{font-size:15px;line-height:1.4;margin:0 0 4px}
p{margin:0 0 10px}
.lead{color:var(--soft);max-width:84ch;margin:0}
.soft{color:var(--soft);font-size:14px}
.heat{display:block;margin:-4px -6px;padding:4px 6px;border-radius:4px;background:color-mix(in srgb,var(--ember) calc(var(--heat)*38%),transparent)}
.switch{position:absolute;right:24px;top:42px;display:flex;border:1px solid var(--rule);border-radius:999px;overflow:hidden;background:var(--card)}
.switch button{border:0;background:none;color:var(--soft);font:inherit;font-size:13px;line-height:1;padding:8px 14px;cursor:pointer}
.switch button[aria-pressed=true]{background:var(--ember);color:var(--page);font-weight:600}
.switch button:focus-visible,summary:focus-visible{outline:2px solid var(--ember);outline-offset:-2px;border-radius:999px}
.figures{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:16px;margin:24px 0 16px;padding:0}
.figure{background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:18px 20px;box-shadow:var(--shadow);display:flex;flex-direction:column}
.figure dt{color:var(--soft);font-size:14px;order:0}
.figure dd{margin:0}
.figure .value{font-size:32px;line-height:1.25;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;overflow-wrap:normal}
.figure .more{color:var(--soft);font-size:13.5px;line-height:1.45}
.figure.hot .value{color:var(--ember)}
section{background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:26px 28px;margin:0 0 16px;box-shadow:var(--shadow)}
section>.soft{max-width:90ch}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:32px;margin-top:18px}
figure{margin:0;min-width:0}
figcaption{margin-bottom:6px}
figcaption strong{display:block;font-size:15px;font-weight:600}
figcaption span.soft{display:block;min-height:3em}
.scroll{overflow-x:auto;margin:14px -28px 0;padding:0 28px}
table{border-collapse:collapse;width:100%;font-size:14.5px;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--soft);font-size:13px;text-align:left;white-space:nowrap}
th,td{padding:8px 14px 8px 0;border-bottom:1px solid var(--rule);vertical-align:baseline;overflow-wrap:normal}
tr:last-child td,tr:last-child th[scope=row]{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
th.words{font-size:13px}
th[scope=row]{color:var(--ink);font-size:14.5px;font-weight:500}
.n{text-align:right;white-space:nowrap}
.words{color:var(--soft);min-width:13em;font-size:14px}
.n+td:not(.n),.n+th:not(.n){padding-left:14px}
.id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13.5px;white-space:normal;overflow-wrap:anywhere;max-width:18em}
.dot{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:9px;background:currentColor}
.track{display:block;min-width:90px;width:100%;height:12px;border-radius:4px;background:var(--bar-track);overflow:hidden}
.track i{display:block;height:100%;border-radius:4px;background:currentColor}
.wide-cell{width:30%}.wide-cell.spare{width:20%}
.s-new{color:var(--teal)}.s-active{color:var(--green)}.s-cooling{color:var(--amber)}.s-dormant{color:var(--ember)}.s-lost{color:var(--gray)}.s-recovered{color:var(--blue)}.s-relapsed{color:var(--violet)}
.stack{display:flex;height:26px;border-radius:7px;overflow:hidden;margin-top:16px;gap:2px}
.stack i{display:block;background:currentColor;min-width:2px}
.chart{display:block;width:100%;height:auto;font:12px/1 system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;overflow:visible}
.chart.narrow{display:none}
.chart text{fill:var(--soft);font-variant-numeric:tabular-nums}
.end{text-anchor:end}.middle{text-anchor:middle}.start{text-anchor:start}
.grid{stroke:var(--grid)}.axis{stroke:var(--soft);stroke-opacity:.5}
.line{fill:none;stroke:var(--ember);stroke-width:2.25;stroke-linejoin:round}
.band{fill:var(--ember-fill)}.area{fill:var(--ember-fill)}
.mark{stroke-width:1.5}.mark.advised{stroke:var(--teal)}.mark.in-use{stroke:var(--ink);stroke-dasharray:4 3}
.mark-label{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}.chart .mark-label.advised{fill:var(--teal);font-weight:600}.chart .mark-label.in-use{fill:var(--ink)}
.stock{fill:var(--stock)}.stock-line{fill:none;stroke:var(--gray);stroke-width:1.75}
.activePeople{fill:var(--green);color:var(--green)}.becameDormant{fill:var(--ember);color:var(--ember)}.returned{fill:var(--blue);color:var(--blue)}.dormantAtEnd{color:var(--gray)}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:12px 0 6px;padding:0;list-style:none;font-size:13.5px}
.answer{display:flex;align-items:baseline;flex-wrap:wrap;gap:4px 14px;margin:10px 0 8px}
.answer b{font-size:28px;font-weight:650;letter-spacing:-.01em;color:var(--teal);line-height:1.3}
.treemap{position:relative;height:330px;margin:18px 0 4px}
.treemap div{position:absolute;padding:1.5px}
.treemap div>span{display:flex;flex-direction:column;justify-content:flex-start;height:100%;border-radius:7px;padding:9px 12px;overflow:hidden;background:color-mix(in oklab,var(--ember) var(--heat),var(--green));color:#fff;line-height:1.35;overflow-wrap:normal}
@media screen and (prefers-color-scheme:dark){.treemap div>span{color:#14110e}}
.treemap b{font-size:14px;font-weight:600}
.treemap em{font-style:normal;font-size:13px;opacity:.92}
.treemap .small b{font-size:12px}.treemap .small em{display:none}.treemap .small>span{padding:5px 7px}.treemap .tiny>span *{display:none}
.treemap.narrow{display:none}
.scale{display:inline-block;vertical-align:middle;width:110px;height:10px;border-radius:5px;margin:0 8px;background:linear-gradient(90deg in oklab,var(--green),var(--ember))}
details{margin-top:14px}
summary{cursor:pointer;color:var(--soft);font-size:14px;width:fit-content}
summary:hover{color:var(--ink)}
.note{border-left:3px solid var(--amber);padding:2px 0 2px 12px;margin:0 0 8px;font-size:14.5px}
ul.plain{margin:8px 0 0;padding:0;list-style:none}ul.plain li{margin-bottom:8px}
footer{color:var(--soft);font-size:13px;padding-top:14px;padding-bottom:48px}
@media (max-width:900px){.figures{grid-template-columns:repeat(2,minmax(0,1fr))}.pair{grid-template-columns:minmax(0,1fr)}figcaption span.soft{min-height:0}}
@media (max-width:600px){main,header,footer{padding-left:14px;padding-right:14px}header{padding-top:20px}h1{font-size:27px}.switch{position:static;width:fit-content;margin:0 0 18px}section{padding:20px 16px}.scroll{margin-left:-16px;margin-right:-16px;padding:0 16px}
.figures{gap:10px;margin-top:18px}.figure{padding:14px}.figure .value{font-size:24px}.chart.wide{display:none}.chart.narrow{display:block}.treemap.wide{display:none}.treemap.narrow{display:block}.words{min-width:16em}.spare{display:none}.track{min-width:48px}th,td{padding-right:10px}}
@media print{:root{--page:#fff;--shadow:none}body{font-size:11pt}.switch{display:none}section,.figure{break-inside:avoid;border-color:#ccc}.figures{grid-template-columns:repeat(4,1fr)}.pair{grid-template-columns:repeat(2,minmax(0,1fr))}.scroll{overflow:visible}details:not([open]){display:none}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;

/** The page works without it, in the language it was written for. */
export const SCRIPT = `
const root=document.documentElement,buttons=[...document.querySelectorAll('.switch button')];
const choose=(lang)=>{root.dataset.lang=lang;root.lang=lang==='zh'?'zh-CN':'en';
for(const button of buttons)button.setAttribute('aria-pressed',String(button.dataset.choose===lang));
document.title=root.dataset['title'+(lang==='zh'?'Zh':'En')]};
for(const button of buttons)button.addEventListener('click',()=>choose(button.dataset.choose));
`;
