/* moment.c - each moment is one of the times that the analysis has found anyway. */
#include "scenarios/check/moment.h"

#include "proxy/base/clock.h"

/* Bytes that come one a second are this far apart at least; a server's other packets of such a
 * connection are not. */
#define TRICKLE_GAP (900 * NS_PER_MS)

static int64_t find_connected(const struct wire_connection *w)
{
	return w->handshake_ack ? w->handshake_ack : w->syn_ack;
}

static int64_t find_request(const struct wire_connection *w)
{
	return w->nexchanges ? w->exchanges[0].request_start : 0;
}

static int64_t find_last_data(const struct wire_connection *w)
{
	const struct wire_exchange *x = w->nexchanges ? &w->exchanges[w->nexchanges - 1] : NULL;

	if (!x)
		return find_connected(w);
	return x->response_end > x->request_end ? x->response_end : x->request_end;
}

static int64_t find_trickle(const struct wire_connection *w)
{
	for (size_t i = 1; i < w->nsent[DIR_DOWNSTREAM]; i++)
		if (w->sent_at[DIR_DOWNSTREAM][i] - w->sent_at[DIR_DOWNSTREAM][i - 1] >=
		    TRICKLE_GAP)
			return w->sent_at[DIR_DOWNSTREAM][i - 1];
	return 0;
}

static int64_t find_server_end(const struct wire_connection *w)
{
	int64_t fin = w->fin_at[DIR_DOWNSTREAM], rst = w->rst_at[DIR_DOWNSTREAM];

	return !fin || (rst && rst < fin) ? rst : fin;
}

int64_t fault_moment_find(const struct wire_connection *w, enum fault_moment moment)
{
	switch (moment) {
	case MOMENT_SYN:
		return w->syn;
	case MOMENT_CONNECTED:
		return find_connected(w);
	case MOMENT_REQUEST:
		return find_request(w);
	case MOMENT_LAST_DATA:
		return find_last_data(w);
	case MOMENT_TRICKLE:
		return find_trickle(w);
	case MOMENT_SERVER_ENDS:
		return find_server_end(w);
	case MOMENT_CLIENT_ENDS:
		return w->fin_at[DIR_UPSTREAM];
	}
	return 0;
}
