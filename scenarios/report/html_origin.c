/* html_origin.c - lists of names and what they are. */
#include "scenarios/report/html_origin.h"

#include "proxy/base/attrs.h"
#include "scenarios/report/environment_line.h"
#include "scenarios/report/html_text.h"
#include "scenarios/report/vantage_words.h"

#include <inttypes.h>

static void write_pair(const char *name, const char *text, FILE *out)
{
	fputs("<dt>", out);
	html_text(out, name);
	fputs("</dt><dd>", out);
	html_text(out, text ? text : "-");
	fputs("</dd>\n", out);
}

void html_environment(const struct result *r, FILE *out)
{
	char buf[64];
	const char *key;
	json_t *value;

	if (r->command) {
		fputs("<section id=\"again\">\n<h2>Run it again</h2>\n<pre>", out);
		html_text(out, r->command);
		fprintf(out,
			"</pre>\n<p>The seed of every random decision was <b id=\"seed\">%" PRIu64
			"</b>; <code>--seed</code> repeats it.</p>\n</section>\n",
			r->seed);
	}
	fputs("<section id=\"environment\">\n<h2>Environment</h2>\n<dl>\n", out);
	write_pair("wedge", r->version, out);
	write_pair("started", r->started, out);
	snprintf(buf, sizeof(buf), "%.1f s", r->elapsed);
	write_pair("elapsed", buf, out);
	snprintf(buf, sizeof(buf), "%" PRIu64, r->seed);
	write_pair("seed", buf, out);
	json_object_foreach(r->environment, key, value)
	{
		char *text = environment_line(value);

		write_pair(key, text, out);
		free(text);
	}
	fputs("</dl>\n</section>\n", out);
}

static void write_file(const char *name, const char *what, FILE *out)
{
	if (!name)
		return;
	fputs("<li>", out);
	html_file(out, name);
	fprintf(out, ": %s</li>\n", what);
}

void html_files(const struct result *r, FILE *out)
{
	fputs("<section id=\"files\">\n<h2>Files beside this page</h2>\n<ul>\n", out);
	for (size_t i = 0; i < r->nphases; i++) {
		write_file(r->phases[i].client_capture, vantage_capture(r, LEG_CLIENT), out);
		write_file(r->phases[i].server_capture, vantage_capture(r, LEG_SERVER), out);
		write_file(r->phases[i].capture, "both legs in one window", out);
	}
	write_file("journal.jsonl", "what wedge did, one JSON object a line", out);
	write_file("report.txt", "the same as text", out);
	write_file("result.json", "all of this for programs", out);
	write_file("junit.xml", "the expectations for build servers", out);
	fputs("</ul>\n</section>\n", out);
}
