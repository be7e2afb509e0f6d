/* vantage.c - an end that is near answers sooner than one that is far, and its packets have crossed
 * no router yet. */
#include "scenarios/diagnosis/vantage.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#define TIMES_NEARER 3	 /* below, two hosts of different speed would do */
#define AGREE_LEAST  0.8 /* of the connections that tell anything */

uint8_t packet_ttl(const struct tcp_view *v)
{
	return v->version == 4 ? v->ip[8] : v->ip[7];
}

/* Returns whether the packet comes from its sender directly: systems begin with one of these. */
static bool is_fresh(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

/* By the times of the handshake alone. */
static enum vantage nearer_end(int64_t to_client, int64_t to_server)
{
	if (!to_client || !to_server)
		return VANTAGE_UNKNOWN;
	if (to_client * TIMES_NEARER <= to_server)
		return VANTAGE_CLIENT;
	if (to_server * TIMES_NEARER <= to_client)
		return VANTAGE_SERVER;
	return VANTAGE_UNKNOWN;
}

enum vantage vantage_of(const struct connection *c, const uint8_t ttl[DIR_COUNT])
{
	enum vantage by_time =
	    nearer_end(c->half[DIR_DOWNSTREAM].handshake_rtt, c->half[DIR_UPSTREAM].handshake_rtt);
	bool client = is_fresh(ttl[DIR_UPSTREAM]), server = is_fresh(ttl[DIR_DOWNSTREAM]);
	enum vantage by_ttl = client ? VANTAGE_CLIENT : VANTAGE_SERVER;

	if (!ttl[DIR_UPSTREAM] || !ttl[DIR_DOWNSTREAM] || (client && server))
		return by_time;
	if (!client && !server)
		return VANTAGE_BETWEEN;
	return by_time == VANTAGE_UNKNOWN || by_time == by_ttl ? by_ttl : VANTAGE_UNKNOWN;
}

void vantages_add(struct vantages *x, const struct connection *c, const uint8_t ttl[DIR_COUNT])
{
	x->seen[vantage_of(c, ttl)]++;
	for (int d = 0; d < DIR_COUNT; d++) {
		if (c->half[d].handshake_rtt)
			durations_add(&x->way[d], c->half[d].handshake_rtt);
		if (ttl[d])
			x->ttl[d] = ttl[d];
	}
}

enum vantage vantages_judge(const struct vantages *x)
{
	uint64_t all = 0;

	for (int v = VANTAGE_CLIENT; v < VANTAGE_COUNT; v++)
		all += x->seen[v];
	for (int v = VANTAGE_CLIENT; v < VANTAGE_COUNT; v++)
		if (all && (double)x->seen[v] >= AGREE_LEAST * (double)all)
			return (enum vantage)v;
	return VANTAGE_UNKNOWN;
}

char *vantages_sentence(const struct vantages *x)
{
	static const char *const words[] = {
	    [VANTAGE_UNKNOWN] = "Where this was captured can't be told",
	    [VANTAGE_CLIENT] = "Captured beside the client",
	    [VANTAGE_SERVER] = "Captured beside the server",
	    [VANTAGE_BETWEEN] = "Captured between client and server",
	};
	char server[UNITS_TEXT], client[UNITS_TEXT];

	if (!x->way[DIR_UPSTREAM].n || !x->way[DIR_DOWNSTREAM].n)
		return NULL;
	format_seconds(clock_seconds(durations_quantile(&x->way[DIR_UPSTREAM], 0.5)), server);
	format_seconds(clock_seconds(durations_quantile(&x->way[DIR_DOWNSTREAM], 0.5)), client);
	return xasprintf("%s: the server answers a SYN after %s, the client a SYN-ACK after %s; "
			 "time to live %u of the client's packets, %u of the server's",
			 words[vantages_judge(x)], server, client, x->ttl[DIR_UPSTREAM],
			 x->ttl[DIR_DOWNSTREAM]);
}

void vantages_fini(struct vantages *x)
{
	for (int d = 0; d < DIR_COUNT; d++)
		durations_fini(&x->way[d]);
	*x = (struct vantages){.ttl = {0}};
}
