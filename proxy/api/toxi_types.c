/* toxi_types.c - one function a type. Every number is taken: one that has no meaning becomes the
 * nearest that has (docs/toxiproxy.md). */
#include "proxy/api/toxi_types.h"

#include "proxy/base/mem.h"
#include "proxy/base/param.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define HOUR_MS	   INT64_C(3600000)
#define DAY_MS	   (24 * HOUR_MS)
#define RATE_MAX   INT64_C(12500000) /* KB/s: 100 Gbit/s */
#define PIECE_MAX  (INT64_C(64) << 20)
#define HOUR_US	   (1000 * HOUR_MS)
#define AMOUNT_MAX (INT64_C(1) << 50)

static int64_t clamp_number(int64_t n, int64_t least, int64_t most)
{
	return n < least ? least : n > most ? most : n;
}

/* Attribute i in milliseconds. */
static int64_t read_ms(const struct toxi_toxic *t, int i, int64_t most)
{
	return clamp_number(t->attribute[i], 0, most);
}

static char *write_latency(const struct toxi_toxic *t)
{
	return xasprintf("latency{delay=%" PRId64 "ms,jitter=%" PRId64
			 "ms,clamps=yes,delays_end=no",
			 read_ms(t, 0, HOUR_MS), read_ms(t, 1, HOUR_MS));
}

/* No rate at all is a stall: the source isn't read. */
static char *write_bandwidth(const struct toxi_toxic *t)
{
	int64_t rate = clamp_number(t->attribute[0], 0, RATE_MAX);

	return rate ? xasprintf("bandwidth{rate=%" PRId64 "B/s", rate * 1000)
		    : xstrdup("stall{side=read,window=0");
}

static char *write_slow_close(const struct toxi_toxic *t)
{
	return xasprintf("slow_close{delay=%" PRId64 "ms", read_ms(t, 0, DAY_MS));
}

static char *write_timeout(const struct toxi_toxic *t)
{
	return xasprintf("blackhole{idle=%" PRId64 "ms", read_ms(t, 0, DAY_MS));
}

static char *write_reset_peer(const struct toxi_toxic *t)
{
	return xasprintf("reset_on_data{delay=%" PRId64 "ms", read_ms(t, 0, DAY_MS));
}

/* Pieces of no size slice nothing. */
static char *write_slicer(const struct toxi_toxic *t)
{
	int64_t size = clamp_number(t->attribute[0], 0, PIECE_MAX);
	int64_t variation = clamp_number(t->attribute[1], 0, size - 1);

	if (!size)
		return NULL;
	return xasprintf("slicer{size=%" PRId64 "B,variation=%" PRId64 "B,gap=%" PRId64
			 "us,halves=yes",
			 size, variation, clamp_number(t->attribute[2], 1, HOUR_US));
}

static char *write_limit_data(const struct toxi_toxic *t)
{
	int64_t bytes = clamp_number(t->attribute[0], 0, AMOUNT_MAX);

	if (!bytes)
		return xstrdup("cut{sides=both,on_data=yes");
	return xasprintf("cut{sides=both,after=%" PRId64 "B", bytes);
}

static char *write_noop(const struct toxi_toxic *t)
{
	(void)t;
	return NULL;
}

static const struct toxi_type types[] = {
    {"latency", "LatencyToxic", {"latency", "jitter"}, write_latency},
    {"bandwidth", "BandwidthToxic", {"rate"}, write_bandwidth},
    {"slow_close", "SlowCloseToxic", {"delay"}, write_slow_close},
    {"timeout", "TimeoutToxic", {"timeout"}, write_timeout},
    {"reset_peer", "ResetToxic", {"timeout"}, write_reset_peer},
    {"slicer", "SlicerToxic", {"average_size", "size_variation", "delay"}, write_slicer},
    {"limit_data", "LimitDataToxic", {"bytes"}, write_limit_data},
    {"noop", "NoopToxic", {NULL}, write_noop},
};

const struct toxi_type *toxi_type_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

bool toxi_stream_parse(const char *text, enum dir *dir)
{
	*dir = strcasecmp(text, "upstream") == 0 ? DIR_UPSTREAM : DIR_DOWNSTREAM;
	return *dir == DIR_UPSTREAM || strcasecmp(text, "downstream") == 0;
}

void toxi_toxic_fini(struct toxi_toxic *t)
{
	free(t->name);
	free(t->stream);
	free(t->instance);
}

void toxi_toxic_copy(struct toxi_toxic *to, const struct toxi_toxic *from)
{
	*to = *from;
	to->name = xstrdup(from->name);
	to->stream = xstrdup(from->stream);
	to->instance = from->instance ? xstrdup(from->instance) : NULL;
}

char *toxi_toxic_impairment(const struct toxi_toxic *t)
{
	double chance = (double)t->toxicity;
	char *own = t->type->impairment(t), *all;

	if (!own)
		return NULL;
	chance = chance > 0 ? chance < 1 ? chance : 1 : 0;
	all = xasprintf("%s,direction=%s,probability=%.12f,name=%s}", own, dir_name(t->dir), chance,
			t->instance);
	free(own);
	return all;
}
