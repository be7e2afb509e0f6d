/* metrics.c - one function a family of metrics: its help and type, and then its samples. */
#include "proxy/api/metrics.h"

#include "proxy/base/mem.h"
#include "proxy/base/version.h"
#include "proxy/engine/engine.h"
#include "proxy/engine/engine_counts.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void begin_family(struct evbuffer *out, const char *name, const char *type, const char *help)
{
	evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_single(struct evbuffer *out, const char *name, const char *type, const char *help,
			 uint64_t value)
{
	begin_family(out, name, type, help);
	evbuffer_add_printf(out, "%s %" PRIu64 "\n", name, value);
}

/* Backslashes, quotes and newlines are escaped, as the format has it. */
static void write_label(struct evbuffer *out, const char *name, const char *value)
{
	evbuffer_add_printf(out, "%s=\"", name);
	for (; *value; value++)
		if (*value == '\n')
			evbuffer_add(out, "\\n", 2);
		else if (strchr("\\\"", *value))
			evbuffer_add_printf(out, "\\%c", *value);
		else
			evbuffer_add(out, value, 1);
	evbuffer_add(out, "\"", 1);
}

/* A proxy at work, counted once for all that is told of it. */
struct sample {
	struct service_proxy_info info;
	struct engine_proxy_counts c;
};

static struct sample *take_samples(const struct toxi *t, size_t *n)
{
	struct service *s = t->host->service;
	struct service_proxy_info info;
	struct sample *samples = NULL;

	for (*n = 0; service_proxy_info(s, *n, &info); ++*n) {
		samples = xrealloc(samples, *n + 1, sizeof(*samples));
		samples[*n].info = info;
		engine_count_proxy(service_engine(s), *n, &samples[*n].c);
	}
	return samples;
}

/* One of Toxiproxy's two counters, for both directions of a proxy: what came in by the leg that a
 * direction begins with, or went out by the other one. */
static void write_proxy_bytes(const struct sample *s, const char *name, bool received,
			      struct evbuffer *out)
{
	char listener[ADDR_TEXT] = "";

	if (s->info.listen)
		addr_format(s->info.listen, listener);
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		enum leg from = dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER;
		enum leg to = dir == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT;

		evbuffer_add_printf(out, "%s{direction=\"%s\",", name, dir_name(dir));
		write_label(out, "listener", listener);
		evbuffer_add(out, ",", 1);
		write_label(out, "proxy", s->info.name);
		evbuffer_add(out, ",", 1);
		write_label(out, "upstream", s->info.upstream);
		evbuffer_add_printf(out, "} %" PRIu64 "\n",
				    received ? s->c.got[from] : s->c.sent[to]);
	}
}

static void write_bytes(const struct sample *s, size_t n, struct evbuffer *out)
{
	static const char received[] = "toxiproxy_proxy_received_bytes_total";
	static const char sent[] = "toxiproxy_proxy_sent_bytes_total";

	begin_family(out, received, "counter", "Bytes read from a proxy's clients and servers.");
	for (size_t i = 0; i < n; i++)
		write_proxy_bytes(&s[i], received, true, out);
	begin_family(out, sent, "counter", "Bytes written to a proxy's clients and servers.");
	for (size_t i = 0; i < n; i++)
		write_proxy_bytes(&s[i], sent, false, out);
}

static void write_proxy_sessions(const struct sample *s, size_t n, struct evbuffer *out)
{
	static const char begun[] = "wedge_proxy_sessions_total",
			  open[] = "wedge_proxy_sessions_open";

	for (int which = 0; which < 2; which++) {
		if (which)
			begin_family(out, open, "gauge", "Sessions of a proxy that are open.");
		else
			begin_family(out, begun, "counter", "Sessions that a proxy has begun.");
		for (size_t i = 0; i < n; i++) {
			evbuffer_add_printf(out, "%s{", which ? open : begun);
			write_label(out, "proxy", s[i].info.name);
			evbuffer_add_printf(out, "} %" PRIu64 "\n",
					    which ? s[i].c.open : s[i].c.begun);
		}
	}
}

struct count_writer {
	struct evbuffer *out;
	const char *proxy;
	bool acted;
};

static void write_count(void *arg, const struct impairment_count *c)
{
	struct count_writer *w = arg;

	evbuffer_add_printf(w->out, "wedge_impairment_sessions%s_total{", w->acted ? "_acted" : "");
	write_label(w->out, "proxy", w->proxy);
	evbuffer_add(w->out, ",", 1);
	write_label(w->out, "impairment", c->name);
	evbuffer_add(w->out, ",", 1);
	write_label(w->out, "kind", c->kind);
	evbuffer_add_printf(w->out, "} %" PRIu64 "\n", w->acted ? c->acted : c->sessions);
}

static void write_impairments(const struct toxi *t, const struct sample *s, size_t n,
			      struct evbuffer *out)
{
	for (int acted = 0; acted < 2; acted++) {
		if (acted)
			begin_family(out, "wedge_impairment_sessions_acted_total", "counter",
				     "Sessions of which an impairment has changed something.");
		else
			begin_family(out, "wedge_impairment_sessions_total", "counter",
				     "Sessions that came while an impairment was there.");
		for (size_t i = 0; i < n; i++) {
			struct count_writer w = {out, s[i].info.name, acted};

			service_count_impairments(t->host->service, i, write_count, &w);
		}
	}
}

static void write_levels(const struct toxi *t, struct evbuffer *out)
{
	struct engine_levels levels;

	engine_count_levels(service_engine(t->host->service), &levels);
	begin_family(out, "wedge_sessions", "gauge", "Sessions by their state.");
	for (enum session_state state = 0; state < SESSION_CLOSED; state++)
		evbuffer_add_printf(out, "wedge_sessions{state=\"%s\"} %" PRIu64 "\n",
				    engine_state_names[state], levels.sessions[state]);
	write_single(out, "wedge_held_bytes", "gauge",
		     "Bytes that wedge has read and not yet written.", levels.held);
	write_single(out, "wedge_held_bytes_limit", "gauge",
		     "Bytes that all sessions together may hold.", levels.hold_limit);
}

static void write_packets(const struct toxi *t, struct evbuffer *out)
{
	struct engine_stats stats;

	engine_stats(service_engine(t->host->service), &stats);
	write_single(out, "wedge_packets_received_total", "counter",
		     "Packets that the packet plane has seen.", stats.packets.received);
	write_single(out, "wedge_packets_dropped_total", "counter",
		     "Packets that impairments have dropped.", stats.packets.dropped);
	write_single(out, "wedge_packets_injected_total", "counter",
		     "Packets that impairments have made.", stats.packets.injected);
	write_single(out, "wedge_held_packets", "gauge", "Packets that impairments hold.",
		     stats.packets.held_now);
	write_single(out, "wedge_queue_dropped_packets_total", "counter",
		     "Packets that the kernel has dropped since wedge's queue was full.",
		     stats.packets.overflows);
}

/* How late timers ran: what delays add to what was asked for. */
static void write_lateness(const struct toxi *t, struct evbuffer *out)
{
	static const char name[] = "wedge_timer_lateness_seconds";
	const struct timerq_lateness *late = timerq_late(loop_timers(t->host->loop));
	uint64_t sum = 0;

	begin_family(out, name, "histogram", "By how much timers, of delays too, ran late.");
	for (int i = 0; i < TIMERQ_STEPS - 1; i++) {
		sum += late->n[i];
		evbuffer_add_printf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
				    clock_seconds(timerq_step[i]), sum);
	}
	sum += late->n[TIMERQ_STEPS - 1];
	evbuffer_add_printf(
	    out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.9f\n%s_count %" PRIu64 "\n", name,
	    sum, name, clock_seconds(late->sum), name, sum);
}

static uint64_t resident_bytes(void)
{
	FILE *in = fopen("/proc/self/statm", "re");
	unsigned long long size = 0, resident = 0;

	if (in && fscanf(in, "%llu %llu", &size, &resident) != 2)
		resident = 0;
	if (in)
		fclose(in);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void write_process(struct evbuffer *out)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	begin_family(out, "process_cpu_seconds_total", "counter",
		     "Processor time of this process, in seconds.");
	evbuffer_add_printf(out, "process_cpu_seconds_total %ld.%06ld\n",
			    (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec +
				   (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000000),
			    (long)((used.ru_utime.tv_usec + used.ru_stime.tv_usec) % 1000000));
	write_single(out, "process_resident_memory_bytes", "gauge",
		     "Memory of this process that is resident.", resident_bytes());
}

void metrics_write(const struct toxi *t, uint64_t answered, struct evbuffer *out)
{
	size_t n;
	struct sample *samples = take_samples(t, &n);

	write_bytes(samples, n, out);
	begin_family(out, "wedge_build_info", "gauge", "The version of wedge.");
	evbuffer_add_printf(out, "wedge_build_info{version=\"%s\"} 1\n", WEDGE_VERSION);
	write_proxy_sessions(samples, n, out);
	write_levels(t, out);
	write_impairments(t, samples, n, out);
	write_packets(t, out);
	write_lateness(t, out);
	write_single(out, "wedge_api_requests_total", "counter",
		     "Requests that the API has answered.", answered);
	write_process(out);
	free(samples);
}
