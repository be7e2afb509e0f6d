/* sequence_marks.c - each packet is a small picture of its own at its place, in pixels: so arrows
 * keep their form however wide the diagram is. */
#include "scenarios/report/sequence_marks.h"

#include <inttypes.h>

static void begin_mark(const struct sequence_frame *f, const struct result_packet *p, double y,
		       FILE *out)
{
	fprintf(out, "<svg x=\"%.3f%%\" y=\"%.1f\"><title>frame %" PRIu32 "%s%s</title>",
		svg_place(&f->x, p->at), y, p->frame, p->note ? ", " : "", p->note ? p->note : "");
}

/* At the right edge a label stands to the left of its packet. */
static void write_label(const struct sequence_frame *f, const struct result_packet *p,
			const char *text, const char *class, FILE *out)
{
	bool edge = svg_place(&f->x, p->at) > 85;

	fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"-4\" text-anchor=\"%s\">%s</text>", class,
		edge ? -4 : 4, edge ? "end" : "start", text);
}

/* Data: an arrow from its first byte to its last. */
static void write_data(const struct sequence_frame *f, const struct result_packet *p, FILE *out)
{
	double top = svg_place(&f->y, (double)sequence_end(p));
	double bottom = svg_place(&f->y, (double)p->seq);

	begin_mark(f, p, top, out);
	fprintf(out, "<path class=\"%s\" d=\"M0 %.1fV0M-3 %.1fl3 3l3-3M-3 3l3-3l3 3\"/>",
		p->again ? "again" : "data", bottom - top, bottom - top - 3);
	if (p->flags & FLAG_PSH)
		fprintf(out, "<path class=\"%s solid\" d=\"M0-3.5l3 3.5l-3 3.5l-3-3.5z\"/>",
			p->again ? "again" : "data");
	if (p->again)
		write_label(f, p, "R", "again", out);
	fputs("</svg>\n", out);
}

static void write_empty(const struct sequence_frame *f, const struct result_packet *p, FILE *out)
{
	begin_mark(f, p, svg_place(&f->y, (double)p->seq), out);
	fputs("<path class=\"empty\" d=\"M-2.5-2.5l5 5m0-5l-5 5\"/></svg>\n", out);
}

static void write_flags(const struct sequence_frame *f, const struct result_packet *p, FILE *out)
{
	bool sent = p->dir == f->dir;
	double y = sent ? svg_place(&f->y, (double)sequence_end(p)) : SEQUENCE_HEIGHT - 14;

	if (!(p->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) || (!sent && !(p->flags & FLAG_RST)))
		return;
	begin_mark(f, p, y, out);
	/* Of the side whose data is drawn an RST goes out, of the other it comes in. */
	if (p->flags & FLAG_RST)
		write_label(f, p, sent ? "RST_OUT" : "RST_IN", "again", out);
	else
		write_label(f, p, p->flags & FLAG_SYN ? "SYN" : "FIN", "data", out);
	fputs("</svg>\n", out);
}

static void write_sent(const struct sequence_frame *f, const struct result_packet *p, FILE *out)
{
	if (p->len || p->flags & (FLAG_SYN | FLAG_FIN))
		write_data(f, p, out);
	else if (!(p->flags & FLAG_RST))
		write_empty(f, p, out);
}

static void write_step(const struct sequence_frame *f, const char *class, double from, double to,
		       double before, double after, FILE *out)
{
	double x1 = svg_place(&f->x, from), x2 = svg_place(&f->x, to);

	fprintf(out, "<line class=\"%s\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%.1f\" y2=\"%.1f\"/>",
		class, x1, x2, before, before);
	if (before != after)
		fprintf(out,
			"<line class=\"%s\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%.1f\" "
			"y2=\"%.1f\"/>",
			class, x2, x2, before, after);
	fputc('\n', out);
}

static void write_tick(const struct sequence_frame *f, const struct result_packet *p, double y,
		       const char *class, FILE *out)
{
	begin_mark(f, p, y, out);
	fprintf(out, "<path class=\"%s\" d=\"M0 0v6\"/></svg>\n", class);
}

/* A line in steps: what the receiver has acknowledged, or (window) the end of its window. */
static void write_line(const struct sequence_frame *f, bool window, FILE *out)
{
	const char *class = window ? "window" : "ack";
	double since = 0, y = 0, next;
	uint64_t last_window = 0;
	bool begun = false;

	for (size_t i = 0; i < f->c->npackets; i++) {
		const struct result_packet *p = &f->c->packets[i];

		if (p->dir == f->dir || !(p->flags & FLAG_ACK) || p->flags & FLAG_RST ||
		    (window && !p->window_known))
			continue;
		next = svg_place(&f->y, (double)(p->ack + (window ? p->window : 0)));
		if (begun && next != y)
			write_step(f, class, since, p->at, y, next, out);
		if (begun && (window ? next == y && p->window == last_window && p->duplicate_ack
				     : p->duplicate_ack))
			write_tick(f, p, y, class, out);
		if (!begun || next != y)
			since = p->at;
		begun = true;
		y = next;
		last_window = p->window;
	}
	if (begun)
		write_step(f, class, since, f->x.high, y, y, out);
}

static void write_sack(const struct sequence_frame *f, const struct result_packet *p, FILE *out)
{
	for (unsigned i = 0; i < p->sack_blocks; i++) {
		double x = svg_place(&f->x, p->at);

		fprintf(out,
			"<line class=\"sack\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%.1f\" "
			"y2=\"%.1f\"/>\n",
			x, x, svg_place(&f->y, (double)p->sack[i][0]),
			svg_place(&f->y, (double)p->sack[i][1]));
	}
}

void sequence_marks(const struct sequence_frame *f, FILE *out)
{
	write_line(f, false, out);
	if (f->window)
		write_line(f, true, out);
	for (size_t i = 0; i < f->c->npackets; i++) {
		const struct result_packet *p = &f->c->packets[i];

		if (p->dir == f->dir)
			write_sent(f, p, out);
		else
			write_sack(f, p, out);
		write_flags(f, p, out);
	}
}
