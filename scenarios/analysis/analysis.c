/* analysis.c - from a capture file to its findings, in one pass. */
#include "scenarios/analysis/analysis.h"

#include "proxy/base/mem.h"
#include "scenarios/analysis/packet_stream.h"

int analysis_read(const char *path, struct analysis **out, struct err *e)
{
	struct packet_stream s;
	struct capture_reader *r;
	struct capture_packet p;
	struct analysis *a;
	struct err broken;
	int rc;

	if (capture_reader_open(path, &r, e))
		return -1;
	a = xcalloc(1, sizeof(*a));
	packet_stream_init(&s, NULL, NULL);
	while ((rc = capture_reader_next(r, &p, &broken)) == 1)
		packet_stream_take(&s, &p);
	packet_stream_finish(&s);
	a->connections = connections_take(&s.connections, &a->nconnections);
	a->packets = s.packets;
	a->tcp_packets = s.tcp_packets;
	a->not_parsed = s.not_parsed;
	a->first = s.first;
	a->last = s.last;
	packet_stream_fini(&s);
	capture_reader_counts(r, &a->capture);
	capture_reader_close(r);
	if (rc == -1 && a->packets == a->capture.unknown_link) {
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
