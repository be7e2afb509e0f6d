/* analysis.c - from a capture file to its findings, in one pass. */
#include "scenarios/analysis/analysis.h"

#include "proxy/base/mem.h"
#include "scenarios/analysis/capture_reader.h"
#include "scenarios/analysis/connections.h"
#include "scenarios/analysis/segments.h"

/* True when the IP header names TCP as its payload. */
static bool claims_tcp(const struct capture_packet *p)
{
	if (*p->ip >> 4 == 4)
		return p->ip_len > 9 && p->ip[9] == IPPROTO_TCP;
	return p->ip_len > 6 && p->ip[6] == IPPROTO_TCP;
}

static void take_packet(struct analysis *a, struct connections *table,
			const struct capture_packet *p)
{
	struct connection *c;
	struct tcp_view v;
	int64_t at;
	size_t captured;
	enum dir dir;

	if (!a->packets++)
		a->first = a->last = p->at;
	if (p->at > a->last)
		a->last = p->at;
	if (!p->ip)
		return;
	if (!tcp_view_parse(&v, p->ip, p->ip_len)) {
		a->not_parsed += claims_tcp(p);
		return;
	}
	a->tcp_packets++;
	/* 0 means "not seen" in the findings, and differences must stay what they are. */
	at = p->at + (a->first == 0);
	c = connections_find(table, &v, at, &dir);
	captured = v.payload ? p->ip_len - (size_t)(v.payload - p->ip) : 0;
	segment_take(c, dir, &v, captured, at, p->frame);
}

int analysis_read(const char *path, struct analysis **out, struct err *e)
{
	struct connections table;
	struct capture_reader *r;
	struct capture_packet p;
	struct analysis *a;
	struct err broken;
	int rc;

	if (capture_reader_open(path, &r, e))
		return -1;
	a = xcalloc(1, sizeof(*a));
	connections_init(&table);
	while ((rc = capture_reader_next(r, &p, &broken)) == 1)
		take_packet(a, &table, &p);
	connections_finish(&table, a->last + (a->first == 0));
	a->connections = connections_take(&table, &a->nconnections);
	connections_fini(&table);
	capture_reader_close(r);
	if (rc == -1 && !a->packets) {
		analysis_free(a);
		return err_set(e, "capture %s: %s", path, broken.text);
	}
	if (rc == -1)
		a->cut_short = xstrdup(broken.text);
	*out = a;
	return 0;
}

void analysis_free(struct analysis *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->nconnections; i++)
		wire_connection_fini(&a->connections[i]);
	free(a->connections);
	free(a->cut_short);
	free(a);
}
