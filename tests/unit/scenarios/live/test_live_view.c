/* test_live_view.c - packets and lines that come in pieces are shown once, on their legs, with what
 * wedge did, and not before it can be known. LAYER: wedge_live */
#include "scenarios/live/live_view.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/base/pcapng.h"
#include "scenarios/base/pcapng_blocks.h"
#include "scenarios/live/live_lines.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WALL (INT64_C(1700000000) * NS_PER_S)

enum { OUT = 4, CLIENT = 5000, PROXY = 8080, FROM = 6000, SERVER = 80, STRANGER = 22 };

/* What there is to be read of a wedge, and what has been shown. */
struct world {
	struct live_view *view;
	struct live_lines lines;
	struct pcapng_buf raw, out;
	size_t given; /* bytes of raw */
};

static void begin(struct world *w)
{
	*w = (struct world){.view = live_view_new(LIVE_ALL, NULL, NULL)};
	pcapng_section(&w->raw, NULL, NULL, NULL);
	pcapng_interface(&w->raw, PCAPNG_LINKTYPE_LINUX_SLL2, 0, "any", NULL);
}

static void finish(struct world *w)
{
	live_view_free(w->view);
	live_lines_free(&w->lines);
	free(w->raw.data);
	free(w->out.data);
}

static void put(uint8_t *at, size_t n, uint32_t v)
{
	for (size_t i = n; i-- > 0; v >>= 8)
		at[i] = (uint8_t)v;
}

/* A segment over loopback, where everything is this host's. */
static void packet(struct world *w, int ms, uint16_t from, uint16_t to, uint32_t seq, uint8_t len)
{
	uint8_t f[20 + 40 + 256] = {8, 0}, *ip = f + 20, *tcp = ip + 20;
	uint32_t total = 40u + len;

	put(f + 4, 4, 1);
	f[10] = OUT;
	ip[0] = 0x45;
	put(ip + 2, 2, total);
	ip[8] = 64;
	ip[9] = 6;
	put(ip + 12, 4, 0x7f000001);
	put(ip + 16, 4, 0x7f000001);
	put(tcp, 2, from);
	put(tcp + 2, 2, to);
	put(tcp + 4, 4, seq);
	tcp[12] = 0x50;
	tcp[13] = TCP_ACK;
	pcapng_packet(&w->raw, 0, WALL + ms * NS_PER_MS, f, 20 + total, 20 + total, NULL);
}

/* Gives what there is by then, in pieces of that size, and shows what can be shown. */
static void turn(struct world *w, int ms, size_t piece)
{
	struct err e;

	while (w->given < w->raw.len) {
		size_t n = w->raw.len - w->given < piece ? w->raw.len - w->given : piece;

		assert_int_equal(
		    live_view_packets(w->view, LEG_CLIENT, w->raw.data + w->given, n, &e), 0);
		w->given += n;
	}
	live_view_show(w->view, WALL + ms * NS_PER_MS, &w->out);
}

static void take_line(void *arg, json_t *object, int64_t wall_ns)
{
	const struct world *w = arg;

	live_view_line(w->view, object, wall_ns);
}

static void line(struct world *w, const char *text)
{
	for (; *text; text++)
		live_lines_take(&w->lines, text, 1, take_line, w);
	live_lines_take(&w->lines, "\n", 1, take_line, w);
}

static void name_session(struct world *w)
{
	line(w, "{\"t\":0,\"wall\":1700000000.0,\"event\":\"journal\"}");
	line(w, "{\"t\":0.001,\"event\":\"connection\",\"session\":1,\"leg\":\"client\","
		"\"client\":\"127.0.0.1:5000\",\"server\":\"127.0.0.1:8080\"}");
	line(w, "{\"t\":0.001,\"event\":\"connection\",\"session\":1,\"leg\":\"server\","
		"\"client\":\"127.0.0.1:6000\",\"server\":\"127.0.0.1:80\"}");
}

/* One packet that was shown: its leg, its number and its comment are as said; NULL: it has none. */
static void shown(struct pcapng_walk *walk, uint32_t leg, uint32_t seq, const char *comment)
{
	struct pcapng_block b;
	struct err e;
	char *text;

	do {
		assert_int_equal(pcapng_next(walk, &b, &e), 1);
	} while (b.kind != PCAPNG_PACKET);
	assert_int_equal(b.interface, leg);
	assert_int_equal(b.packet[20 + 20 + 7], seq);
	text = pcapng_comment(&b);
	if (comment) {
		assert_non_null(text);
		assert_non_null(strstr(text, comment));
	} else {
		assert_null(text);
	}
	free(text);
}

static void shown_all(struct pcapng_walk *walk)
{
	struct pcapng_block b;
	struct err e;

	assert_int_equal(pcapng_next(walk, &b, &e), 0);
}

static struct pcapng_walk look(const struct world *w)
{
	return (struct pcapng_walk){.data = w->out.data, .len = w->out.len};
}

static void packets_are_shown_once_on_their_legs(void **state)
{
	struct pcapng_walk walk;
	struct world w;

	(void)state;
	begin(&w);
	name_session(&w);
	packet(&w, 10, CLIENT, PROXY, 1, 7);
	packet(&w, 11, FROM, SERVER, 2, 7);
	packet(&w, 12, STRANGER, SERVER, 3, 7);
	turn(&w, 12, 5);
	packet(&w, 400, SERVER, FROM, 4, 9);
	turn(&w, 600, 7);
	turn(&w, 1000, 7);
	packet(&w, 1100, PROXY, CLIENT, 5, 9);
	turn(&w, 1100 + 1000, 64);
	turn(&w, 5000, 64);
	walk = look(&w);
	shown(&walk, 0, 1, NULL);
	shown(&walk, 1, 2, NULL);
	shown(&walk, 1, 4, NULL);
	shown(&walk, 0, 5, NULL);
	shown_all(&walk);
	finish(&w);
}

static void a_connection_that_is_named_late_is_shown(void **state)
{
	struct pcapng_walk walk;
	struct world w;

	(void)state;
	begin(&w);
	packet(&w, 10, CLIENT, PROXY, 1, 7);
	turn(&w, 100, 64);
	name_session(&w);
	turn(&w, 2000, 64);
	walk = look(&w);
	shown(&walk, 0, 1, NULL);
	shown_all(&walk);
	finish(&w);
}

static void a_comment_comes_before_its_packet_is_shown(void **state)
{
	struct pcapng_walk walk;
	struct world w;
	int ms;

	(void)state;
	begin(&w);
	name_session(&w);
	packet(&w, 100, SERVER, FROM, 1, 9);
	packet(&w, 150, CLIENT, PROXY, 2, 9);
	for (ms = 150; ms < 340; ms += 50)
		turn(&w, ms, 64);
	/* About the packet that came 240 ms before. */
	line(&w, "{\"t\":0.340,\"event\":\"segment_lost\",\"stage\":\"loss\",\"session\":1,"
		 "\"leg\":\"server\",\"direction\":\"downstream\",\"seq\":1,\"len\":9}");
	for (; ms < 2000; ms += 50)
		turn(&w, ms, 64);
	walk = look(&w);
	shown(&walk, 1, 1, "dropped by loss (session 1)");
	shown(&walk, 0, 2, NULL);
	shown_all(&walk);
	finish(&w);
}

static void what_happens_while_nothing_moves_is_told_at_the_next_packet(void **state)
{
	struct pcapng_walk walk;
	struct world w;

	(void)state;
	begin(&w);
	name_session(&w);
	packet(&w, 100, SERVER, FROM, 1, 9);
	turn(&w, 3000, 64);
	line(&w, "{\"t\":4,\"event\":\"stall_over\",\"stage\":\"stall\",\"session\":1,"
		 "\"direction\":\"downstream\"}");
	turn(&w, 8000, 64);
	packet(&w, 9000, PROXY, CLIENT, 2, 9);
	turn(&w, 11000, 64);
	turn(&w, 12000, 64);
	walk = look(&w);
	shown(&walk, 1, 1, NULL);
	shown(&walk, 0, 2, "stall ended by stall");
	shown_all(&walk);
	finish(&w);
}

static void at_the_end_nothing_is_waited_for(void **state)
{
	struct pcapng_walk walk;
	struct world w;

	(void)state;
	begin(&w);
	name_session(&w);
	packet(&w, 10, CLIENT, PROXY, 1, 7);
	turn(&w, 20, 64);
	live_view_show(w.view, INT64_MAX, &w.out);
	walk = look(&w);
	shown(&walk, 0, 1, NULL);
	shown_all(&walk);
	finish(&w);
}

static void what_is_no_capture_is_refused(void **state)
{
	char junk[512];
	struct world w;
	struct err e;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	begin(&w);
	assert_int_equal(live_view_packets(w.view, LEG_CLIENT, junk, sizeof(junk), &e), -1);
	finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_shown_once_on_their_legs),
	    cmocka_unit_test(a_connection_that_is_named_late_is_shown),
	    cmocka_unit_test(a_comment_comes_before_its_packet_is_shown),
	    cmocka_unit_test(what_happens_while_nothing_moves_is_told_at_the_next_packet),
	    cmocka_unit_test(at_the_end_nothing_is_waited_for),
	    cmocka_unit_test(what_is_no_capture_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
