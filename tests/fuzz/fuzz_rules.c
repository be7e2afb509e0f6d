/* fuzz_rules.c - everything that wedge analyze does with a capture, from reader to fitted scenario,
 * on any sequence of segments of four connections: the bytes are a script of segments.
 * ROUNDS: 150
 * LAYER: wedge_scenarios_cli trace_rig */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/diagnosis_report/json.h"
#include "scenarios/diagnosis_report/page.h"
#include "scenarios/fit/fit_file.h"
#include "scenarios/match/match_page.h"
#include "scenarios/pairs/attribution.h"
#include "scenarios/scenario/scenario_load.h"
#include "tests/rig/trace_rig.h"

#include <string.h>
#include <unistd.h>

#define CONNECTIONS 4
#define STEP	    4	 /* bytes of one step: what, how long before, how much, how much more */
#define STEPS_MAX   2000 /* so many segments have all the rules */
#define RANKED	    10

/* What a connection's numbers are while another one speaks. */
struct talker {
	uint32_t next[DIR_COUNT], acked[DIR_COUNT];
	uint16_t window[DIR_COUNT];
	uint16_t port;
};

static const char *const texts[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "HEAD / HTTP/1.1\r\n\r\n",
    "\x17\x03\x03\x20", /* TLS, a record of 8 KiB and more */
    "\x15\x03\x03",	/* TLS, an alert */
    "J",		/* MySQL's greeting, or part of it */
    "R",		/* PostgreSQL's answer to the start */
};

static void speak(struct trace *t, const struct talker *k)
{
	memcpy(t->next, k->next, sizeof(t->next));
	memcpy(t->acked, k->acked, sizeof(t->acked));
	memcpy(t->window, k->window, sizeof(t->window));
	t->client_port = k->port;
}

static void note(const struct trace *t, struct talker *k)
{
	memcpy(k->next, t->next, sizeof(t->next));
	memcpy(k->acked, t->acked, sizeof(t->acked));
	memcpy(k->window, t->window, sizeof(t->window));
}

/* From 0 over microseconds, where rounds of networks are, to days. */
static int64_t pause_of(uint8_t b)
{
	static const int64_t units[] = {
	    0,	      10 * NS_PER_US, NS_PER_MS,  10 * NS_PER_MS, 20 * NS_PER_MS,
	    NS_PER_S, 600 * NS_PER_S, -NS_PER_MS,
	};

	return units[b >> 5] * ((b & 31) + 1);
}

static void put_odd(struct trace *t, enum dir dir, uint8_t a, uint8_t b)
{
	/* Anything near the window, and far beyond it. */
	uint32_t off = a & 1 ? (uint32_t)b << 20 : (uint32_t)b * 100 - 12800;

	trace_segment(t, &(struct trace_segment){
			     .dir = dir,
			     .flags = a & 0x3e ? a & 0x3f : TCP_ACK,
			     .seq = t->next[dir] + (a & 0x40 ? off : 0),
			     .ack = t->acked[dir] + (a & 0x80 ? off : 0),
			     .len = b,
			     .window = t->window[dir],
			     .sack = b % 3 == 0,
			     .dsack = b % 5 == 0 ? 100 : 0,
			     .same_ip_id = b % 7 == 0,
			 });
}

static void put_step(struct trace *t, const uint8_t *p)
{
	enum dir dir = p[0] & 4 ? DIR_DOWNSTREAM : DIR_UPSTREAM;
	uint32_t len = (uint32_t)p[2] * (p[3] & 1 ? 1460 : 10) + 1;

	trace_wait(t, pause_of(p[1]));
	switch (p[0] >> 3 & 15) {
	case 0:
		trace_handshake(t, pause_of(p[2] & 0x7f) + 2);
		break;
	case 1:
		trace_syn(t);
		break;
	case 2:
		trace_syn_ack(t);
		break;
	case 3:
		trace_text(t, dir, texts[p[3] % ARRAY_LEN(texts)], len);
		break;
	case 4:
		trace_fin(t, dir);
		break;
	case 5:
		trace_rst(t, dir);
		break;
	case 6:
		trace_reply(t, dir, len);
		break;
	case 7:
		trace_resend(t, dir, len, p[3] & 2 ? len : len / 2 + 1);
		break;
	case 8:
		trace_lose(t, dir, len);
		break;
	case 9:
		t->window[dir] = (uint16_t)(p[2] * p[3]);
		trace_ack(t, dir);
		break;
	case 10:
		put_odd(t, dir, p[2], p[3]);
		break;
	case 11:
		t->tsval = p[2] ? (uint32_t)(t->now / NS_PER_MS) - p[3] : 0;
		t->tsecr = t->tsval ? t->tsval - p[2] : 0;
		break;
	case 12:
		t->ttl[dir] = p[2];
		break;
	case 13:
		trace_ack(t, dir);
		break;
	default:
		trace_data(t, dir, len);
	}
}

static void write_capture(struct trace *t, const uint8_t *data, size_t size)
{
	struct talker talkers[CONNECTIONS];

	trace_init(t);
	for (uint16_t i = 0; i < CONNECTIONS; i++) {
		note(t, &talkers[i]);
		talkers[i].port = (uint16_t)(t->client_port + i);
	}
	for (size_t at = 0; at + STEP <= size && at < (size_t)STEPS_MAX * STEP; at += STEP) {
		speak(t, &talkers[data[at] & 3]);
		put_step(t, data + at);
		note(t, &talkers[data[at] & 3]);
	}
}

static void check_times(const struct diagnosis *d)
{
	int64_t stalled = 0;

	for (size_t i = 0; i < d->services.n; i++) {
		const struct service *s = d->services.list[i];

		BUG_ON(s->stalled > s->time || s->stalled != tallies_stalled(&s->tallies));
		stalled += s->stalled;
	}
	BUG_ON(stalled != d->all.stalled);
}

static void report(const struct diagnosis *d, const char *path, FILE *out)
{
	struct matches m;
	struct err e = {""};

	BUG_ON(matches_make(d, NULL, metric_known, &m, &e));
	match_page_write(&m, out);
	page_write(d, path, RANKED, out);
	BUG_ON(json_write(json_make(d, path, match_json(&m)), out, &e));
	matches_fini(&m);
}

/* What was fitted can be run. */
static void fit(const struct diagnosis *d, const char *path, bool wants_yaml)
{
	char fitted[] = "/tmp/wedge-fuzz-XXXXXX.yaml";
	struct scenario *s;
	struct err e = {""};
	struct fit_outcome outcome;
	int fd = mkstemps(fitted, 5);

	BUG_ON(fd == -1);
	close(fd);
	unlink(fitted);
	if (fit_file_write(fitted, path, d, &outcome, &e) == 0 && wants_yaml) {
		if (scenario_load(fitted, NULL, false, metric_known, NULL, &s, &e)) {
			fprintf(stderr, "%s\n", e.text);
			BUG_ON(true);
		}
		scenario_free(s);
	}
	unlink(fitted);
}

/* libfyaml 0.7.12 loses memory by itself: fuzz_scenario.c. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

/* Reading YAML is a hundred times slower than all the rest: of one input in 64. */
static bool is_chosen(const uint8_t *data, size_t size)
{
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	return sum % 64 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool wants_yaml = is_chosen(data, size);
	static FILE *nowhere;
	char path[TRACE_PATH];
	struct diagnosis d;
	struct attribution a;
	struct trace t;
	struct err e = {""};
	int fd;

	nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
	write_capture(&t, data, size);
	fd = trace_open(t.buf.data, t.buf.len, path, &e);
	BUG_ON(fd == -1);
	if (diagnosis_read(path, RANKED, &d, &e) == 0) {
		check_times(&d);
		fit(&d, path, wants_yaml);
		if (wants_yaml)
			report(&d, path, nowhere);
		diagnosis_fini(&d);
	}
	if (attribution_read(&(struct pair_question){.sources = {{path, CAPTURE_LEG_NONE},
								 {path, CAPTURE_LEG_NONE}}},
			     &a, &e) == 0)
		attribution_fini(&a);
	close(fd);
	trace_free(&t);
	return 0;
}
