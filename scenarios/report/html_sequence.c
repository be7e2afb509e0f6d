/* html_sequence.c - the axis, the words around it, and where wedge acted; sequence_marks.h draws
 * the packets. */
#include "scenarios/report/html_sequence.h"

#include "proxy/base/units.h"
#include "scenarios/report/html_text.h"
#include "scenarios/report/sequence_marks.h"

#include <inttypes.h>
#include <string.h>

#define TICKS_MAX  6
#define EVENTS_MAX 12  /* told below a diagram */
#define APART	   3.0 /* per cent of the width between two numbers */

static void write_axes(const struct sequence_frame *f, FILE *out)
{
	double ticks[TICKS_MAX];
	size_t n = svg_ticks(&f->x, TICKS_MAX - 1, ticks);
	char buf[RESULT_VALUE_TEXT];

	for (size_t i = 0; i < n; i++)
		fprintf(
		    out,
		    "<line class=\"grid\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"0\" y2=\"%d\"/>"
		    "<text class=\"soft\" x=\"%.3f%%\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
		    svg_place(&f->x, ticks[i]), svg_place(&f->x, ticks[i]), SEQUENCE_HEIGHT,
		    svg_place(&f->x, ticks[i]), SEQUENCE_HEIGHT + 30,
		    ticks[i] > 0 ? result_value_format(ticks[i], 's', buf) : "0 s");
	n = svg_ticks(&f->y, TICKS_MAX, ticks);
	for (size_t i = 0; i < n; i++)
		fprintf(
		    out,
		    "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>"
		    "<text class=\"soft\" x=\"-4\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>\n",
		    svg_place(&f->y, ticks[i]), svg_place(&f->y, ticks[i]),
		    svg_place(&f->y, ticks[i]) + 4, ticks[i]);
}

/* Numbers count the events of the connection, so that both of its diagrams have the same. */
static void write_events(const struct sequence_frame *f, FILE *out)
{
	double last = -APART;
	size_t number = 0;

	for (size_t i = 0; i < f->c->npackets; i++) {
		const struct result_packet *p = &f->c->packets[i];
		double x = svg_place(&f->x, p->at);

		if (!p->comment)
			continue;
		number++;
		fprintf(out,
			"<g class=\"event\"><line x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"-4\" y2=\"%d\"/>"
			"<title>frame %" PRIu32 ": ",
			x, x, SEQUENCE_HEIGHT, p->frame);
		html_text(out, p->comment);
		fputs("</title></g>\n", out);
		if (x - last < APART)
			continue;
		fprintf(out,
			"<text class=\"event\" x=\"%.3f%%\" y=\"-7\" "
			"text-anchor=\"middle\">%zu</text>\n",
			x, number);
		last = x;
	}
}

static void write_proofs(const struct sequence_frame *f, FILE *out)
{
	double last = -100;

	for (size_t i = 0; i < f->c->npackets; i++) {
		const struct result_packet *p = &f->c->packets[i];
		double x = svg_place(&f->x, p->at);

		if (!p->proof)
			continue;
		fprintf(out,
			"<svg x=\"%.3f%%\" y=\"%d\"><path class=\"proof\" d=\"M0 0l4 7h-8z\"/>"
			"<title>frame %" PRIu32 "</title></svg>\n",
			x, SEQUENCE_HEIGHT + 1, p->frame);
		if (x - last >= 2 * APART)
			fprintf(out,
				"<text class=\"proof\" x=\"%.3f%%\" y=\"%d\" "
				"text-anchor=\"middle\">%" PRIu32 "</text>\n",
				x, SEQUENCE_HEIGHT + 18, p->frame);
		last = x - last >= 2 * APART ? x : last;
	}
}

static void write_window_words(const struct sequence_frame *f, FILE *out)
{
	const char *receiver = f->dir == DIR_UPSTREAM ? "server" : "client";
	char low[UNITS_TEXT], high[UNITS_TEXT];

	if (!f->window_high) {
		fprintf(out, " The %s's window: its scale isn't in the capture.", receiver);
	} else if (!f->window) {
		fprintf(out, " The %s's window, %s to %s, ends above the diagram.", receiver,
			format_size(f->window_low, low), format_size(f->window_high, high));
	}
}

static void write_diagram(const struct sequence_frame *f, FILE *out)
{
	bool up = f->dir == DIR_UPSTREAM;

	fprintf(out,
		"<figure>\n<h3>%s</h3>\n<svg class=\"sequence\" height=\"%d\" role=\"img\" "
		"aria-label=\"time-sequence diagram, %s\">\n",
		up ? "Client to server" : "Server to client", SEQUENCE_HEIGHT + 36,
		up ? "client to server" : "server to client");
	write_axes(f, out);
	write_events(f, out);
	sequence_marks(f, out);
	write_proofs(f, out);
	fputs("</svg>\n<figcaption>Sequence numbers of the ", out);
	fprintf(out, "%s over time.", up ? "client" : "server");
	write_window_words(f, out);
	fputs("</figcaption>\n</figure>\n", out);
}

static void write_event_list(const struct result_connection *c, FILE *out)
{
	size_t total = 0, number = 0;

	for (size_t i = 0; i < c->npackets; i++)
		total += c->packets[i].comment != NULL;
	if (!total) {
		fputs("<p>These packets have no comment of wedge's.</p>\n", out);
		return;
	}
	fputs("<p>What wedge did, by its journal:</p>\n<ol class=\"events\">\n", out);
	for (size_t i = 0; i < c->npackets && number < EVENTS_MAX; i++) {
		const struct result_packet *p = &c->packets[i];
		char at[UNITS_TEXT];

		if (!p->comment)
			continue;
		number++;
		fprintf(out, "<li>frame %" PRIu32 ", %s: <span class=\"text\">", p->frame,
			format_seconds(p->at, at));
		html_text(out, p->comment);
		fputs("</span></li>\n", out);
	}
	fputs("</ol>\n", out);
	if (total > number)
		fprintf(out, "<p>and %zu more, in the capture's comments</p>\n", total - number);
}

static void write_legend(FILE *out)
{
	fputs("<p class=\"faint\">As tcptrace draws it: "
	      "<b class=\"data\">arrows</b> are segments, a diamond on top is PSH, "
	      "<b class=\"again\">R</b> a retransmission; the <b class=\"ack\">lower line</b> is "
	      "what the receiver has acknowledged, a tick on it a duplicate ACK; the "
	      "<b class=\"window\">upper line</b> is the end of its window, a tick on it the same "
	      "window again; <b class=\"sack\">bars</b> are SACK blocks; crosses are segments "
	      "without data. <b class=\"event\">Dashed, numbered</b>: wedge acted. Triangles with "
	      "frame numbers: packets that the signature's filter shows.</p>\n",
	      out);
}

static void write_which(const struct result_connection *c, FILE *out)
{
	fputs("<p>", out);
	html_file(out, c->capture);
	fprintf(out, ", <code>tcp.stream == %" PRIu32 "</code>: ", c->stream);
	html_text(out, c->client);
	fputs(" to ", out);
	html_text(out, c->server);
	fprintf(out, ", %s. Packets %zu to %zu of its %zu.</p>\n",
		c->by_signature
		    ? "the connection with the first packet that the signature's filter "
		      "shows"
		    : "of those that wedge acted on, the connection with the longest pause",
		c->first + 1, c->first + c->npackets, c->total);
}

void html_sequence(const struct result *r, FILE *out)
{
	const struct result_connection *c = &r->connection;
	struct sequence_frame f;
	bool any = false;

	fputs("<section id=\"sequence\">\n<h2>Time-sequence diagram</h2>\n", out);
	if (!c->phase) {
		fputs("<p>No phase with an impairment has a connection in its captures.</p>\n"
		      "</section>\n",
		      out);
		return;
	}
	write_which(c, out);
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		if (!sequence_frame_lay(&f, c, dir))
			continue;
		any = true;
		write_diagram(&f, out);
	}
	if (any)
		write_legend(out);
	else
		fputs("<p>Neither side sent data: the ladder below shows what it sent.</p>\n", out);
	write_event_list(c, out);
	fputs("</section>\n", out);
}
