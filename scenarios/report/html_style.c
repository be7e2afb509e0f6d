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
	fputs(paper, out);
}
