/* html_style.c - colours are variables: a dark screen and paper only set them anew. What is wider
 * than a phone scrolls inside its own box; the page never does. */
#include "scenarios/report/html_style.h"

static const char colours[] =
    ":root{color-scheme:light dark;--back:#fff;--text:#1c2128;--faint:#57606a;--line:#d0d7de;"
    "--box:#f6f8fa;--good:#1a7f37;--bad:#c62828;--odd:#8a5a00;--link:#0b5cad;"
    "--data:#1f5fbf;--ack:#1a7f37;--window:#9a6b00;--again:#d1242f;--sack:#8250df;"
    "--event:#bc2f6b;--impaired:#c2410c}\n";

static const char dark[] =
    "@media screen and (prefers-color-scheme:dark){:root{--back:#0f1318;--text:#e3e8ee;"
    "--faint:#9aa5b1;--line:#363f4a;--box:#191f27;--good:#4cc26b;--bad:#ff7b72;--odd:#e3b341;"
    "--link:#6cb6ff;--data:#dbe7f5;--ack:#4cc26b;--window:#e3c341;--again:#ff6a61;"
    "--sack:#c297ff;--event:#ff8ab8;--impaired:#ff9a5c}}\n";

static const char page[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1rem;max-width:70rem;background:var(--back);color:var(--text);"
    "font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere;-webkit-text-size-adjust:100%}\n"
    "h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0 .8rem}\n"
    "h2{font-size:1.15rem;margin:2rem 0 .5rem;padding-top:.6rem;border-top:1px solid var(--line)}\n"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}\n"
    "p{margin:.4rem 0}ul{padding-left:1.2rem;margin:.4rem 0}a{color:var(--link)}\n"
    "code,pre{font:.875em/1.45 ui-monospace,monospace}\n"
    "pre{background:var(--box);padding:.6rem;white-space:pre-wrap;margin:.4rem 0}\n"
    ".name,.faint{color:var(--faint);margin:0}.faint{font-size:.875rem}\n"
    ".verdict strong{font-size:1.15rem;margin-right:.4rem}\n"
    ".reproduced,.holds{color:var(--good)}.not-reproduced,.fails{color:var(--bad)}\n"
    ".invalid,.open{color:var(--odd)}\n"
    ".quick{border:1px solid var(--line);border-radius:.3rem;padding:0 .35rem;margin-right:.4rem;"
    "font-size:.875rem}\n"
    ".text{white-space:pre-line}\n";

static const char tables[] =
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9375rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;"
    "border-bottom:1px solid var(--line)}\n"
    "th{font-weight:600}thead th{color:var(--faint)}\n"
    ".number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;"
    "overflow-wrap:normal;padding:.3rem 0 .3rem .9rem}\n"
    ".sides "
    "th{font-weight:400;min-width:8rem;overflow-wrap:break-word}\n.word{white-space:nowrap}\n"
    ".grades td,.grades th{overflow-wrap:break-word}.grades .any{overflow-wrap:anywhere}\n"
    "dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.15rem "
    "1rem;margin:.4rem 0}\n"
    "dt{color:var(--faint)}dd{margin:0}\n"
    "@media (max-width:40rem){.stack thead{display:none}.stack tr,.stack td{display:block}\n"
    ".stack tr{padding:.4rem 0;border-bottom:1px solid var(--line)}\n"
    ".stack td{border:0;padding:.05rem 0}.stack td[data-is]::before{content:attr(data-is) \" \";"
    "color:var(--faint)}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}}\n";

static const char figures[] =
    "figure{margin:.6rem 0}figcaption{font-size:.875rem;color:var(--faint)}\n"
    "svg{display:block;overflow:visible}svg text{font:12px system-ui,sans-serif;fill:var(--text)}\n"
    "svg .soft{fill:var(--faint)}svg .grid{stroke:var(--line)}\n"
    ".bars{width:calc(100% - 2.5rem);margin:0 1.25rem}\n"
    ".bars rect{fill:var(--data)}.bars .impaired rect{fill:var(--impaired)}\n"
    ".bars .mitigated rect{fill:var(--good)}.bars .median{stroke:var(--text);stroke-dasharray:2 "
    "2}\n";

static const char diagrams[] =
    ".sequence{width:calc(100% - 5rem);margin:1.6rem 1rem .4rem 4rem}"
    ".sequence path,.sequence line{fill:none;stroke-width:1}\n"
    ".sequence .data{stroke:var(--data)}.sequence .again{stroke:var(--again);stroke-width:1.5}"
    ".sequence .solid.data{fill:var(--data)}.sequence .solid.again{fill:var(--again)}"
    ".sequence .empty{stroke:var(--faint)}.sequence .ack{stroke:var(--ack)}"
    ".sequence .window{stroke:var(--window)}.sequence .sack{stroke:var(--sack);stroke-width:2}\n"
    ".sequence .event line{stroke:var(--event);stroke-dasharray:3 3}.sequence text,.sequence "
    "text.data,.sequence text.again{stroke:none}"
    ".sequence text.data{fill:var(--data)}"
    ".sequence text.event,b.event{fill:var(--event);color:var(--event)}"
    ".sequence text.again,b.again{fill:var(--again);color:var(--again)}"
    ".sequence path.proof{fill:var(--text)}b.data{color:var(--data)}b.ack{color:var(--ack)}"
    ".ladder{list-style:none;padding:0;margin:.6rem 0;font-size:.875rem}"
    ".ladder li{display:grid;grid-template-columns:5rem 7rem 1fr;column-gap:.6rem}"
    ".ladder .at,.ladder .frame{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}.ladder .way{position:relative;border:solid var(--line);border-width:0 "
    "2px;padding:.1rem "
    ".9rem}"
    ".ladder .arrow{display:block;border-bottom:1px solid currentColor;position:relative}"
    ".ladder .arrow::after{content:\"\";position:absolute;bottom:-4px;border:solid transparent;"
    "border-width:4px 7px}"
    ".ladder .up .arrow::after{right:-8px;border-left-color:currentColor}"
    ".ladder .down .arrow::after{left:-8px;border-right-color:currentColor}"
    ".ladder .down .arrow{text-align:right}.ladder .proof .frame{font-weight:600}"
    ".ladder .proof .frame::before{content:\"\\25b6  \"}.ladder "
    ".did{display:block;color:var(--event);"
    "font-weight:400;white-space:pre-line}.ladder .hidden "
    ".way{color:var(--faint);text-align:center}"
    ".ladder .heads "
    ".way{display:flex;justify-content:space-between;color:var(--faint);border-color:transparent;"
    "padding:0}\n"
    "@media (max-width:40rem){.ladder li{grid-template-columns:4.4rem 1fr}.ladder .at{grid-row:2}"
    ".ladder .way{grid-row:1/span 2;grid-column:2}}\n"
    "b.window{color:var(--window)}b.sack{color:var(--sack)}\n";

static const char paper[] =
    "@media print{body{max-width:none;padding:0;font-size:10pt}.wide{overflow:visible}"
    "h2{break-after:avoid}tr,figure,li{break-inside:avoid}table{font-size:9pt}"
    "a{color:inherit;text-decoration:none}"
    "svg,.verdict,.holds,.fails{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

void html_style(FILE *out)
{
	fputs(colours, out);
	fputs(dark, out);
	fputs(page, out);
	fputs(tables, out);
	fputs(figures, out);
	fputs(diagrams, out);
	fputs(paper, out);
}
