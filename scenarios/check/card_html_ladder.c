/* card_html_ladder.c - the command's end stands between the packets before and behind it. */
#include "scenarios/check/card_html_ladder.h"

#include "scenarios/report/html_text.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static double number_of(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void write_event(double at, const char *what, const char *more, FILE *out)
{
	fprintf(out,
		"<li class=\"moment\"><span class=\"frame\"></span><span class=\"at\">%.6f</span>"
		"<span class=\"way\"><span class=\"did\">%s",
		at, what);
	html_text(out, more);
	fputs("</span></span></li>\n", out);
}

static void write_end(const json_t *run, FILE *out)
{
	char status[32] = "";

	if (json_is_true(json_object_get(run, "limited"))) {
		write_event(number_of(run, "ended"), "still waiting: ended at the limit", "", out);
		return;
	}
	snprintf(status, sizeof(status), "%lld",
		 (long long)json_integer_value(json_object_get(run, "exit_status")));
	write_event(number_of(run, "ended"), "the command ends with status ", status, out);
}

static void write_hidden(json_int_t n, FILE *out)
{
	if (n > 0)
		fprintf(out,
			"<li class=\"hidden\"><span></span><span></span><span class=\"way\">%lld "
			"packet%s</span></li>\n",
			(long long)n, n == 1 ? "" : "s");
}

static void write_packet(const json_t *row, const char *fault, bool several, FILE *out)
{
	const char *from = json_string_value(json_object_get(row, "from"));

	fprintf(out,
		"<li class=\"%s\"><span class=\"frame\">%lld</span><span class=\"at\">%.6f</span>"
		"<span class=\"way\"><span class=\"arrow\"><code>",
		from && strcmp(from, "client") == 0 ? "up" : "down",
		(long long)json_integer_value(json_object_get(row, "frame")), number_of(row, "at"));
	if (several)
		fprintf(out, "#%lld ",
			(long long)json_integer_value(json_object_get(row, "connection")));
	html_text(out, json_string_value(json_object_get(row, "text")));
	fputs("</code></span>", out);
	if (json_is_true(json_object_get(row, "fault"))) {
		fputs("<span class=\"did\">the fault: ", out);
		html_text(out, fault);
		fputs("</span>", out);
	}
	fputs("</span></li>\n", out);
}

static bool has_several(const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) if (json_integer_value(json_object_get(
						 row, "connection")) > 1) return true;
	return false;
}

void card_html_ladder(const json_t *run, const char *fault, FILE *out)
{
	const json_t *ladder = json_object_get(run, "ladder");
	const json_t *rows = json_object_get(ladder, "rows"), *row;
	json_int_t last = 0;
	bool ended = false, several = has_several(rows);
	size_t i;

	if (!ladder)
		return;
	fputs("<ol class=\"ladder\">\n<li class=\"heads\"><span class=\"frame\">frame</span>"
	      "<span class=\"at\">seconds</span><span class=\"way\"><span>client</span>"
	      "<span>server</span></span></li>\n",
	      out);
	json_array_foreach(rows, i, row)
	{
		json_int_t number = json_integer_value(json_object_get(row, "number"));

		write_hidden(number - last - 1, out);
		last = number;
		if (!ended && number_of(row, "at") > number_of(run, "ended")) {
			write_end(run, out);
			ended = true;
		}
		write_packet(row, fault, several, out);
	}
	write_hidden(json_integer_value(json_object_get(ladder, "packets")) - last, out);
	if (!ended)
		write_end(run, out);
	fputs("</ol>\n", out);
}
