/* ladder_row.c - widths are fixed, so that the sides stand below each other. */
#include "scenarios/diagnosis_report/ladder_row.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BETWEEN_SIDES 70
#define LEFT_OF_SIDES 23 /* of the bar that is the client */

static const struct {
	uint8_t flag;
	const char *name;
} flag_names[] = {
    {TCP_FIN, "FIN"}, {TCP_SYN, "SYN"}, {TCP_RST, "RST"},
    {TCP_PSH, "PSH"}, {TCP_ACK, "ACK"}, {TCP_URG, "URG"},
};

static const char *special_words(const struct segment *s)
{
	if (s->copy)
		return "copy of the packet before";
	if (s->out_of_place)
		return "out of any window";
	if (s->keepalive)
		return "TCP Keep-Alive";
	if (s->probe)
		return "TCP ZeroWindowProbe";
	if (s->again)
		return "TCP Retransmission";
	if (s->late)
		return "TCP Out-Of-Order";
	if (s->duplicate_ack)
		return "TCP Dup ACK";
	if (s->v->window == 0 && !(s->v->flags & (TCP_SYN | TCP_FIN | TCP_RST)))
		return "TCP ZeroWindow";
	return NULL;
}

/* The sides' first numbers: of their SYNs, else so that their first byte seen is 1. */
static void learn_numbers(struct ladder_numbers *n, const struct tcp_view *v, enum dir dir)
{
	enum dir other = dir_reverse(dir);

	if (!n->known[dir] || v->flags & TCP_SYN)
		n->base[dir] = v->flags & TCP_SYN ? v->seq : v->seq - 1;
	n->known[dir] = true;
	if (n->known[other] || !(v->flags & TCP_ACK))
		return;
	n->base[other] = v->ack - 1;
	n->known[other] = true;
}

static uint64_t scaled_window(const struct connection *c, const struct segment *s)
{
	int scale = c->half[s->dir].wscale;

	if (s->v->flags & TCP_SYN || scale < 0 || c->half[dir_reverse(s->dir)].wscale < 0)
		scale = 0;
	return (uint64_t)s->v->window << scale;
}

void ladder_row_set(struct ladder_row *r, struct ladder_numbers *n, const struct connection *c,
		    const struct segment *s)
{
	learn_numbers(n, s->v, s->dir);
	*r = (struct ladder_row){
	    .frame = s->frame,
	    .at = s->at,
	    .dir = s->dir,
	    .flags = s->v->flags,
	    .seq = s->v->seq - n->base[s->dir],
	    .ack = s->v->ack - n->base[dir_reverse(s->dir)],
	    .window = scaled_window(c, s),
	    .payload = s->v->payload_len,
	    .note = special_words(s),
	};
}

/* Returns "[PSH, ACK]", to be freed. */
static char *flag_text(uint8_t flags)
{
	char *text = xstrdup("["), *longer;

	for (size_t i = 0; i < ARRAY_LEN(flag_names); i++) {
		if (!(flags & flag_names[i].flag))
			continue;
		longer = xasprintf("%s%s%s", text, text[1] ? ", " : "", flag_names[i].name);
		free(text);
		text = longer;
	}
	longer = xasprintf("%s]", text);
	free(text);
	return longer;
}

static char *packet_text(const struct ladder_row *r)
{
	char *flags = flag_text(r->flags), ack[24] = "", *text;

	if (r->flags & TCP_ACK)
		snprintf(ack, sizeof(ack), " Ack=%" PRIu32, r->ack);
	text = xasprintf("%s%s%s%s Seq=%" PRIu32 "%s Win=%" PRIu64 " Len=%" PRIu32,
			 r->note ? "[" : "", r->note ? r->note : "", r->note ? "] " : "", flags,
			 r->seq, ack, r->window, r->payload);
	free(flags);
	return text;
}

void ladder_row_write(const struct ladder_row *r, int64_t begin, bool proof, FILE *out)
{
	bool up = r->dir == DIR_UPSTREAM;
	char *text = packet_text(r);
	size_t len = strlen(text), line = BETWEEN_SIDES - 6;

	fprintf(out, "%c%8" PRIu32 " %11.6f  |%s %s ", proof ? '*' : ' ', r->frame,
		clock_seconds(r->at - begin), up ? "--" : "<-", text);
	for (size_t i = len; i < line; i++)
		fputc('-', out);
	fprintf(out, "%s|\n", up ? "->" : "--");
	free(text);
}

void ladder_head_write(FILE *out)
{
	fprintf(out, "%9s %11s  %-*s%s\n", "Frame", "Seconds", BETWEEN_SIDES - 4, "Client",
		"Server");
}

void ladder_words_write(const char *sign, const char *words, FILE *out)
{
	char *first = xasprintf("%*s%s  ", LEFT_OF_SIDES, "", *sign ? sign : " ");

	layout_wrap(out, first, LEFT_OF_SIDES + 3, words);
	free(first);
}
