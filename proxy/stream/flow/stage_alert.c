/* stage_alert.c - the flow's owner makes the record where it encrypts; else it is in clear text. */
#include "proxy/stream/flow/stage_alert.h"

#include "proxy/base/tls_alert.h"

#include <event2/buffer.h>

/* Bytes of the flow that are before what this stage passes next. */
static uint64_t stage_place(const struct stage *st)
{
	uint64_t place = st->flow->out_bytes;

	while ((st = st->next))
		place += st->held;
	return place;
}

void stage_alert(struct stage *st, unsigned char description, const char *why)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned char clear[TLS_ALERT_CLEAR];

	BUG_ON(!buf);
	if (st->flow->host->alert) {
		st->flow->host->alert(st->flow, stage_place(st), description, buf);
	} else {
		tls_alert_clear(description, clear);
		BUG_ON(evbuffer_add(buf, clear, sizeof(clear)) == -1);
	}
	stage_add(st, evbuffer_get_length(buf), why);
	stage_pass(st, buf);
	evbuffer_free(buf);
}
