/* connection.c - one TCP connection while its segments are being read: making, ending, and
 * questions that several rules ask. */
#include "scenarios/analysis/connection.h"

#include <string.h>

#define DEFAULT_MSS 536 /* RFC 9293 3.7.1: without the option */

void connection_init(struct connection *c, const struct addr *client, const struct addr *server)
{
	memset(c, 0, sizeof(*c));
	c->wire.client = *client;
	c->wire.server = *server;
	for (int d = 0; d < DIR_COUNT; d++)
		c->half[d].wscale = -1;
}

void connection_mark_unreliable(struct connection *c, const char *why)
{
	if (c->wire.unreliable)
		return;
	c->wire.unreliable = true;
	c->wire.unreliable_why = why;
}

bool connection_goes_on(const struct wire_connection *w)
{
	for (int d = 0; d < DIR_COUNT; d++)
		if (w->packets[d] > w->syns[d] + w->resets[d])
			return true;
	return false;
}

struct wire_exchange *connection_current_exchange(const struct connection *c)
{
	const struct wire_connection *w = &c->wire;

	if (!w->nexchanges)
		return NULL;
	return &w->exchanges[c->keeps_lists ? w->nexchanges - 1 : 0];
}

uint32_t connection_exchange(const struct connection *c)
{
	return c->wire.nexchanges ? (uint32_t)(c->wire.nexchanges - 1) : NO_EXCHANGE;
}

uint32_t connection_segment_limit(const struct connection *c, enum dir dir)
{
	uint32_t mss = c->half[dir_reverse(dir)].mss;

	if (mss)
		return mss;
	return c->half[dir].largest > DEFAULT_MSS ? c->half[dir].largest : DEFAULT_MSS;
}

/* The scale of a window is agreed in both SYNs. */
static bool scale_known(const struct connection *c)
{
	return !c->wire.midstream && !c->options_cut && c->syn_known[DIR_UPSTREAM] &&
	       c->syn_known[DIR_DOWNSTREAM];
}

uint64_t connection_window(const struct connection *c, enum dir dir)
{
	const struct half *y = &c->half[dir_reverse(dir)];

	if (!y->window_known || !scale_known(c))
		return 0;
	if (y->window_of_syn || y->wscale < 0 || c->half[dir].wscale < 0)
		return y->window;
	return (uint64_t)y->window << y->wscale;
}

bool connection_window_open(const struct connection *c, enum dir dir)
{
	const struct half *y = &c->half[dir_reverse(dir)];

	if (!y->window_known)
		return true;
	if (!scale_known(c))
		return y->window > 0;
	if (y->wscale < 0 || c->half[dir].wscale < 0)
		return y->window >= connection_segment_limit(c, dir);
	return (uint64_t)y->window << y->wscale >= connection_segment_limit(c, dir);
}

void connection_fini(struct connection *c)
{
	for (int d = 0; d < DIR_COUNT; d++) {
		seq_space_fini(&c->half[d].seq);
		sendings_fini(&c->half[d].sendings);
		free(c->half[d].flight);
	}
}
