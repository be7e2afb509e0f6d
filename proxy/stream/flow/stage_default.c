/* stage_default.c - stages that neither hold, eat nor add. */
#include "proxy/stream/flow/stage_default.h"

#include "proxy/stream/flow/stage.h"

void stage_default_open(struct stage *st)
{
	(void)st;
}

void stage_default_data(struct stage *st, struct evbuffer *buf)
{
	stage_pass(st, buf);
}

void stage_default_end(struct stage *st, enum flow_end end)
{
	stage_pass_end(st, end);
}

void stage_default_timer(struct stage *st, int64_t now)
{
	(void)st;
	(void)now;
}

void stage_default_update(struct stage *st)
{
	(void)st;
}

void stage_default_drain(struct stage *st)
{
	(void)st;
}

void stage_default_close(struct stage *st)
{
	(void)st;
}
