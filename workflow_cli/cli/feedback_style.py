"""How the page of `workflow feedback` looks: in the light and in the dark, on a telephone and on paper."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#5b6776;--line:#dde2e8;--blue:#2f6fde;
--violet:#8a5cd1;--good:#177244;--bad:#c2362b;--good-bg:#e3f4ea;--bad-bg:#fbe7e5;--flat-bg:#eceff3;--warn:#b26a00}
@media(prefers-color-scheme:dark){:root{--page:#10151b;--card:#1a212a;--ink:#e6ebf1;--soft:#9aa7b5;--line:#2d3743;
--blue:#6ea1ff;--violet:#b794f6;--good:#5fd394;--bad:#ff8a7d;--good-bg:#16352a;--bad-bg:#3d211f;--flat-bg:#28313b;--warn:#f0b35a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:break-word}
main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}
.headline{border-left:5px solid var(--line);background:var(--card);border-radius:8px;padding:14px 18px;margin:20px 0 0}
.headline.worse{border-color:var(--bad)}.headline.better{border-color:var(--good)}.headline p{margin:0}
.headline .big{font-size:21px;font-weight:650;line-height:1.3;letter-spacing:-.01em}.headline ul{margin:6px 0 0;padding-left:20px}
.doubt{border-left:5px solid var(--warn);background:var(--card);border-radius:8px;padding:12px 18px;margin:12px 0 0}
ul.changes{list-style:none;margin:0;padding:0 16px;background:var(--card);border:1px solid var(--line);border-radius:10px}
ul.changes li{display:grid;grid-template-columns:minmax(0,1fr) 130px 190px 90px;gap:12px;align-items:center;padding:9px 0;border-bottom:1px solid var(--line)}
ul.changes li:last-child{border-bottom:0}ul.changes li>:last-child,.fromto{text-align:right}.fromto{font-variant-numeric:tabular-nums;white-space:nowrap}
details.area{margin-bottom:8px;padding:10px 16px}details.area h3{display:inline;font-size:15px;color:var(--ink)}.changed{font-weight:600;color:var(--ink)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
table.many th.n{white-space:normal;vertical-align:bottom}table.many td,table.many th{padding-left:5px;padding-right:5px}
tbody th{min-width:8.5em;font-weight:400;font-size:14px;color:var(--ink);padding:7px 10px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:18px;margin:40px 0 12px;letter-spacing:-.005em}
p{margin:0 0 8px}.soft,small{color:var(--soft)}
.lead{font-size:17px;margin:16px 0 0;max-width:70ch}
.cards{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:12px;margin-top:24px}
.card,.panel{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px}
.card h2,.panel h3{margin:0;letter-spacing:normal;font-size:13px;font-weight:600;color:var(--soft)}
.card .value{font-size:29px;font-weight:650;line-height:1.25;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.card .row{display:flex;justify-content:space-between;align-items:end;gap:12px}
.chart .bar:last-of-type{opacity:.55}.card .thin{font-size:18px;color:var(--soft)}
.pill{display:inline-block;border-radius:99px;padding:0 9px;font-size:12.5px;font-weight:600;white-space:nowrap;background:var(--flat-bg);color:var(--soft)}
.pill.worse{background:var(--bad-bg);color:var(--bad)}.pill.better{background:var(--good-bg);color:var(--good)}
.panels{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:12px}
figure{margin:0}figure svg{width:100%;height:auto;display:block;margin-top:8px;overflow:visible}
details{margin-top:6px}summary{cursor:pointer;font-size:13px;color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th{font-weight:600;text-align:left;color:var(--soft);font-size:12.5px;padding:6px 10px;border-bottom:1px solid var(--line)}
td{padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:middle}
tbody tr:last-child>*{border-bottom:0}thead td{padding:6px 10px}td.n,th.n{text-align:right;white-space:nowrap}.sure{white-space:nowrap}
.key{font-size:12.5px;color:var(--soft);margin-left:12px}.key i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:5px;vertical-align:middle}
svg text.tick{font:11.5px system-ui,sans-serif;fill:var(--soft)}svg .grid{stroke:var(--line)}
svg .bar{fill:var(--blue)}svg .rail{fill:var(--flat-bg);stroke:none}svg line.rail{stroke:var(--line);stroke-width:2}
svg .line{fill:none;stroke:var(--blue);stroke-width:2;stroke-linejoin:round}svg .area{fill:var(--blue);opacity:.1}
svg .line.s1{stroke:var(--violet);stroke-dasharray:7 4}svg circle.dot{fill:var(--blue);stroke:none}svg circle.s1{fill:var(--violet)}
svg .range{stroke:var(--blue);stroke-width:5;opacity:.35;stroke-linecap:round}svg .now{fill:var(--blue)}
svg .before{fill:var(--card);stroke:var(--soft);stroke-width:1.5}
.spark{width:120px;height:30px;flex:none}.spark polyline{fill:none;stroke:var(--blue);stroke-width:2}.spark circle{fill:var(--blue)}
.meter{width:110px;height:8px;display:block}.span{width:170px;height:16px;display:block}
ol.costs{list-style:none;padding:0;margin:0 0 10px;display:grid;grid-template-columns:minmax(0,1fr);gap:10px}
ol.costs li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:11px 16px;display:grid;grid-template-columns:190px minmax(0,1fr);gap:4px 16px}
.cost{font-size:19px;font-weight:650;font-variant-numeric:tabular-nums}.cost small{display:block;font-size:12px;font-weight:400}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
.lever{display:inline-block;border:1px solid var(--line);border-radius:5px;padding:0 6px;margin-right:6px}
footer{margin-top:48px;color:var(--soft);font-size:13px}
@media(max-width:820px){.cards{grid-template-columns:repeat(2,minmax(0,1fr))}.panels{grid-template-columns:minmax(0,1fr)}}
@media(max-width:560px){main{padding:20px 14px 48px}.cards{gap:8px}.card{padding:12px}.card .value{font-size:23px}
.card .row{display:block}.card .thin{font-size:15px}ol.costs li{grid-template-columns:minmax(0,1fr)}svg text.tick{font-size:17px}
ul.changes li{grid-template-columns:minmax(0,1fr) auto;gap:4px 12px}ul.changes .spark,ul.changes li>span:empty{display:none}ul.changes li>:last-child{display:none}
table.stack thead{display:none}table.stack,table.stack tbody{display:block}table.stack tr{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:center;padding:9px 0;border-bottom:1px solid var(--line)}
table.stack tr:last-child{border-bottom:0}table.stack th,table.stack td{border:0;padding:0}table.stack th,table.stack .wide{flex-basis:100%}
table.stack td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:12.5px}table.stack .wide:empty{display:none}.sure{white-space:normal}}
@media(max-width:340px){.cards{grid-template-columns:minmax(0,1fr)}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--blue:#1f55b5;--violet:#6a3fb0;--good:#125c36;--bad:#8f1f16;
--good-bg:#fff;--bad-bg:#fff;--flat-bg:#eee}main{max-width:none;padding:0}.card,.panel,ol.costs li,tr{break-inside:avoid}
h2{break-after:avoid}.scroll{overflow:visible}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""
