/* segment_row.c - numbers are relative to the sides' first ones, as far as the capture shows them.
 */
#include "scenarios/analysis/segment_row.h"

#include "proxy/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

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
static void learn_numbers(struct segment_numbers *n, const struct tcp_view *v, enum dir dir)
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

void segment_row_set(struct segment_row *r, struct segment_numbers *n, const struct connection *c,
		     const struct segment *s)
{
	learn_numbers(n, s->v, s->dir);
	*r = (struct segment_row){
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
static char *format_flags(uint8_t flags)
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

char *segment_row_text(const struct segment_row *r)
{
	char *flags = format_flags(r->flags), ack[24] = "", *text;

	if (r->flags & TCP_ACK)
		snprintf(ack, sizeof(ack), " Ack=%" PRIu32, r->ack);
	text = xasprintf("%s%s%s%s Seq=%" PRIu32 "%s Win=%" PRIu64 " Len=%" PRIu32,
			 r->note ? "[" : "", r->note ? r->note : "", r->note ? "] " : "", flags,
			 r->seq, ack, r->window, r->payload);
	free(flags);
	return text;
}
