/* html_ladder.c - a packet is drawn for its own sake or beside one that is; the others are counted.
 */
#include "scenarios/report/html_ladder.h"

#include "scenarios/report/html_text.h"
#include "scenarios/report/sequence_frame.h"

#include <inttypes.h>

#define ROWS_MAX  48
#define BEGINNING 3 /* the handshake */

/* Without proofs the packets that wedge acted on stand for them. */
static bool any_proof(const struct result_connection *c)
{
	for (size_t i = 0; i < c->npackets; i++)
		if (c->packets[i].proof)
			return true;
	return false;
}

static bool is_wanted(const struct result_connection *c, size_t i, bool proofs)
{
	const struct result_packet *p = &c->packets[i];

	return p->proof || (!proofs && p->comment) || c->first + i < BEGINNING ||
	       p->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST);
}

static bool is_drawn(const struct result_connection *c, size_t i, bool proofs)
{
	return is_wanted(c, i, proofs) || (i > 0 && is_wanted(c, i - 1, proofs)) ||
	       (i > 1 && c->packets[i - 2].proof) ||
	       (i + 1 < c->npackets && is_wanted(c, i + 1, proofs)) ||
	       (i + 2 < c->npackets && c->packets[i + 2].proof);
}

static void write_row(const struct result_packet *p, FILE *out)
{
	fprintf(out,
		"<li class=\"%s%s\"><span class=\"frame\">%" PRIu32 "</span><span class=\"at\">%.6f"
		"</span><span class=\"way\"><span class=\"arrow\"><code>",
		p->dir == DIR_UPSTREAM ? "up" : "down", p->proof ? " proof" : "", p->frame, p->at);
	html_text(out, p->words);
	fputs("</code></span>", out);
	if (p->comment) {
		fputs("<span class=\"did\">", out);
		html_text(out, p->comment);
		fputs("</span>", out);
	}
	fputs("</span></li>\n", out);
}

static void write_hidden(size_t n, FILE *out)
{
	if (n)
		fprintf(out,
			"<li class=\"hidden\"><span></span><span></span><span class=\"way\">%zu "
			"packet%s</span></li>\n",
			n, n == 1 ? "" : "s");
}

static void write_rows(const struct result_connection *c, FILE *out)
{
	bool proofs = any_proof(c);
	size_t hidden = c->first, rows = 0;

	for (size_t i = 0; i < c->npackets; i++) {
		if (rows == ROWS_MAX || !is_drawn(c, i, proofs)) {
			hidden++;
			continue;
		}
		write_hidden(hidden, out);
		hidden = 0;
		rows++;
		write_row(&c->packets[i], out);
	}
	write_hidden(hidden + c->total - c->first - c->npackets, out);
}

void html_ladder(const struct result *r, FILE *out)
{
	const struct result_connection *c = &r->connection;

	if (!c->phase)
		return;
	fputs("<section id=\"ladder\">\n<h2>The packets</h2>\n<p>", out);
	html_file(out, c->capture);
	fprintf(out,
		", <code>tcp.stream == %" PRIu32 "</code>; seconds since its first packet there. "
		"%s</p>\n"
		"<ol class=\"ladder\">\n<li class=\"heads\"><span class=\"frame\">frame</span>"
		"<span class=\"at\">seconds</span><span class=\"way\"><span>client</span>"
		"<span>server</span></span></li>\n",
		c->stream,
		any_proof(c) ? "Marked: what the signature's filter shows."
			     : "The filter of no signature shows one of them.");
	write_rows(c, out);
	fputs("</ol>\n</section>\n", out);
}
