/* read_stream.c - one loop. */
#include "scenarios/pairs/read_stream.h"

int read_stream(const char *path, const struct segment_observer *observer, void *arg,
		struct packet_stream *s, struct err *e)
{
	struct capture_reader *r;
	struct capture_packet p;
	int rc;

	packet_stream_init(s, observer, arg);
	if (capture_reader_open(path, &r, e))
		return -1;
	while ((rc = capture_reader_next(r, &p, e)) == 1)
		packet_stream_take(s, &p);
	packet_stream_finish(s);
	capture_reader_close(r);
	return rc == -1 && !s->tcp_packets ? -1 : 0;
}
