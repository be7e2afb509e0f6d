/* test_event_place.c - each line of a journal finds its own packet: by connection, numbers and
 * time. LAYER: wedge_annotate */
#include "scenarios/annotate/event_place.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/base/pcapng.h"

#include <stdarg.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WALL (INT64_C(1700000000) * NS_PER_S)

/* Two captures in the making, and the journal's lines over them. */
struct place {
	struct pcapng_buf raw[LEG_COUNT];
	struct annotation a;
};

/* A TCP packet of the client (port 5000) or the server (port 80); hosts 1 and 2 of a leg's net. */
struct sent {
	bool from_server;
	uint32_t seq, ack;
	uint8_t flags, len;
};

static void put(uint8_t *at, size_t n, uint32_t v)
{
	for (size_t i = n; i-- > 0; v >>= 8)
		at[i] = (uint8_t)v;
}

static void frame(struct place *p, enum leg leg, double ms, struct sent s)
{
	uint8_t f[14 + 40 + 256] = {0}, *ip = f + 14, *tcp = ip + 20;
	uint32_t total = 40u + s.len;

	f[12] = 8;
	ip[0] = 0x45;
	put(ip + 2, 2, total);
	ip[8] = 64;
	ip[9] = 6;
	put(ip + 12, 4, 0x0a000000u | (s.from_server ? 2 : 1));
	put(ip + 16, 4, 0x0a000000u | (s.from_server ? 1 : 2));
	put(tcp, 2, s.from_server ? 80 : 5000);
	put(tcp + 2, 2, s.from_server ? 5000 : 80);
	put(tcp + 4, 4, s.seq);
	put(tcp + 8, 4, s.ack);
	tcp[12] = 0x50;
	tcp[13] = s.flags;
	pcapng_packet(&p->raw[leg], 0, WALL + (int64_t)(ms * 1e6), f, 14 + total, 14 + total, NULL);
}

static struct place begin(void)
{
	struct place p = {.a = {.placed = 0}};

	for (int leg = 0; leg < LEG_COUNT; leg++) {
		pcapng_section(&p.raw[leg], NULL, NULL, NULL);
		pcapng_interface(&p.raw[leg], PCAPNG_LINKTYPE_ETHERNET, 0, NULL, NULL);
	}
	return p;
}

WG_PRINTF(3, 4) static void line(struct place *p, double ms, const char *fmt, ...)
{
	json_t *object;
	va_list ap;
	char text[512];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	object = json_loads(text, 0, NULL);
	assert_non_null(object);
	annotation_take(&p->a, object, WALL + (int64_t)(ms * 1e6));
	json_decref(object);
}

/* The captures are whole: the journal may be read. */
static void index_them(struct place *p, const char *leg)
{
	for (enum leg i = 0; i < LEG_COUNT; i++)
		assert_int_equal(
		    wire_index_read(&p->a.wire[i], i, p->raw[i].data, p->raw[i].len, NULL), 0);
	line(p, 0,
	     "{\"event\":\"connection\",\"session\":1,\"leg\":\"%s\",\"client\":\"10.0.0.1:5000\","
	     "\"server\":\"10.0.0.2:80\"}",
	     leg);
}

/* The only comment of that leg stands at frame, and begins like text. */
static void expect_one(struct place *p, enum leg leg, size_t at, const char *text)
{
	assert_int_equal(p->a.comments[leg].n, 1);
	assert_int_equal(p->a.comments[leg].list[0].frame, at);
	assert_memory_equal(p->a.comments[leg].list[0].text, text, strlen(text));
}

static void finish(struct place *p)
{
	annotation_free(&p->a);
	for (int leg = 0; leg < LEG_COUNT; leg++)
		free(p->raw[leg].data);
}

static void a_released_ack_is_the_first_one_of_its_number_to_leave_afterwards(void **state)
{
	struct place p = begin();

	(void)state;
	frame(&p, LEG_SERVER, 1, (struct sent){true, 100, 7, TCP_ACK, 50});
	frame(&p, LEG_SERVER, 190, (struct sent){false, 7, 150, TCP_ACK, 0});	/* an older twin */
	frame(&p, LEG_SERVER, 201.2, (struct sent){true, 1, 150, TCP_ACK, 0});	/* the other way */
	frame(&p, LEG_SERVER, 201.3, (struct sent){false, 7, 150, TCP_ACK, 9}); /* no pure ACK */
	frame(&p, LEG_SERVER, 201.3, (struct sent){false, 7, 149, TCP_ACK, 0}); /* another number */
	frame(&p, LEG_SERVER, 201.4, (struct sent){false, 7, 150, TCP_ACK, 0});
	index_them(&p, "server");
	line(&p, 201,
	     "{\"event\":\"ack_released\",\"stage\":\"delayed_ack\",\"session\":1,"
	     "\"leg\":\"server\",\"direction\":\"downstream\",\"ack\":150,\"held\":0.2,"
	     "\"reason\":\"timer\"}");
	expect_one(&p, LEG_SERVER, 5, "ACK held 200.0 ms by delayed_ack");
	finish(&p);
}

static void a_dropped_segment_is_the_copy_that_came_just_before(void **state)
{
	struct place p = begin();

	(void)state;
	for (int i = 0; i < 3; i++) /* sent three times, and once more afterwards */
		frame(&p, LEG_SERVER, 30 + 10 * i, (struct sent){true, 100, 7, TCP_ACK, 50});
	frame(&p, LEG_SERVER, 50.1, (struct sent){true, 150, 7, TCP_ACK, 50}); /* another one */
	frame(&p, LEG_SERVER, 60, (struct sent){true, 100, 7, TCP_ACK, 50});
	index_them(&p, "server");
	line(&p, 50.2,
	     "{\"event\":\"segment_lost\",\"stage\":\"loss\",\"session\":1,\"leg\":"
	     "\"server\",\"direction\":\"downstream\",\"seq\":100,\"len\":50}");
	expect_one(&p, LEG_SERVER, 2, "dropped by loss (session 1)");
	finish(&p);
}

static void a_segment_dropped_before_the_wire_is_not_taken_for_its_retransmission(void **state)
{
	struct place p = begin();

	(void)state;
	frame(&p, LEG_CLIENT, 10, (struct sent){false, 7, 100, TCP_ACK, 20});
	frame(&p, LEG_CLIENT, 60, (struct sent){true, 100, 27, TCP_ACK, 50});
	index_them(&p, "client");
	line(&p, 11,
	     "{\"event\":\"segment_lost\",\"stage\":\"loss\",\"session\":1,\"leg\":"
	     "\"client\",\"direction\":\"downstream\",\"seq\":100,\"len\":50}");
	expect_one(&p, LEG_CLIENT, 0, "dropped by loss (session 1): seq 100, len 50, not in this");
	finish(&p);
}

static void a_forwarded_ack_is_held_on_one_leg_and_released_on_the_other(void **state)
{
	struct place p = begin();

	(void)state;
	frame(&p, LEG_CLIENT, 10, (struct sent){false, 7, 150, TCP_ACK, 0});
	frame(&p, LEG_SERVER, 210.1, (struct sent){false, 7, 150, TCP_ACK, 0});
	index_them(&p, "forwarded");
	line(&p, 10.1,
	     "{\"event\":\"ack_held\",\"stage\":\"delayed_ack\",\"session\":1,\"leg\":"
	     "\"forwarded\",\"direction\":\"downstream\",\"ack\":150,\"for\":0.2}");
	line(&p, 210,
	     "{\"event\":\"ack_released\",\"stage\":\"delayed_ack\",\"session\":1,\"leg\":"
	     "\"forwarded\",\"direction\":\"downstream\",\"ack\":150,\"held\":0.2}");
	expect_one(&p, LEG_CLIENT, 0, "ACK held from here on");
	expect_one(&p, LEG_SERVER, 0, "ACK held 200.0 ms");
	assert_true(p.a.one_tuple);
	finish(&p);
}

static void what_was_held_on_its_way_to_wedge_is_found_where_it_came(void **state)
{
	struct place p = begin();

	(void)state;
	frame(&p, LEG_CLIENT, 10, (struct sent){false, 100, 7, TCP_ACK, 50});
	frame(&p, LEG_CLIENT, 410, (struct sent){false, 100, 7, TCP_ACK, 50}); /* sent again */
	index_them(&p, "client");
	line(&p, 420,
	     "{\"event\":\"segment_released\",\"stage\":\"reorder\",\"session\":1,\"leg\":"
	     "\"client\",\"direction\":\"upstream\",\"seq\":100,\"held\":0.409}");
	expect_one(&p, LEG_CLIENT, 0, "held 409.0 ms by reorder");
	finish(&p);
}

static void a_reset_of_the_stream_is_the_rst_that_leaves_on_that_leg(void **state)
{
	struct place p = begin();

	(void)state;
	frame(&p, LEG_CLIENT, 10, (struct sent){false, 7, 100, TCP_ACK, 20});
	frame(&p, LEG_CLIENT, 10.5, (struct sent){false, 27, 100, TCP_ACK | TCP_RST, 0});
	frame(&p, LEG_CLIENT, 11, (struct sent){true, 100, 27, TCP_RST, 0});
	index_them(&p, "client");
	line(&p, 10.2,
	     "{\"event\":\"reset\",\"stage\":\"reset\",\"session\":1,\"direction\":"
	     "\"upstream\",\"leg\":\"client\"}");
	expect_one(&p, LEG_CLIENT, 2, "connection reset by reset (session 1, upstream)");
	finish(&p);
}

static void a_stall_stands_at_the_last_packet_before_the_silence(void **state)
{
	struct place p = begin();

	(void)state;
	frame(&p, LEG_CLIENT, 10, (struct sent){true, 100, 7, TCP_ACK, 50});
	frame(&p, LEG_CLIENT, 10.1, (struct sent){false, 7, 150, TCP_ACK, 0});
	frame(&p, LEG_CLIENT, 5000, (struct sent){true, 150, 7, TCP_ACK, 50});
	index_them(&p, "client");
	line(&p, 10.2,
	     "{\"event\":\"stall\",\"stage\":\"stall\",\"session\":1,\"direction\":"
	     "\"downstream\",\"side\":\"write\"}");
	expect_one(&p, LEG_CLIENT, 1, "stall begun by stall (session 1, downstream): side write");
	finish(&p);
}

static void what_matches_nothing_is_counted(void **state)
{
	struct place p = begin();

	(void)state;
	frame(&p, LEG_CLIENT, 10, (struct sent){true, 100, 7, TCP_ACK, 50});
	index_them(&p, "client");
	line(&p, 10, "{\"event\":\"stall\",\"stage\":\"stall\",\"session\":2}");
	line(&p, 10,
	     "{\"event\":\"segment_lost\",\"stage\":\"loss\",\"session\":9999999999,"
	     "\"leg\":\"client\",\"seq\":1}");
	/* Its release tells, when there is one. */
	line(&p, 10,
	     "{\"event\":\"ack_held\",\"stage\":\"delayed_ack\",\"session\":1,\"leg\":"
	     "\"client\",\"direction\":\"upstream\",\"ack\":1}");
	assert_int_equal(p.a.missed, 2);
	assert_int_equal(p.a.placed, 0);
	assert_int_equal(p.a.comments[LEG_CLIENT].n, 0);
	finish(&p);
}

static void many_comments_on_one_packet_are_cut_short_and_counted(void **state)
{
	struct comments c = {NULL, 0, 0};
	size_t at = 0;
	char *text;

	(void)state;
	comments_add(&c, 5, "later");
	for (int i = 0; i < 11; i++)
		comments_add(&c, 2, "x");
	comments_sort(&c);
	assert_null(comments_at(&c, &at, 0));
	text = comments_at(&c, &at, 2);
	assert_string_equal(text, "x\nx\nx\nx\nx\nx\nx\nx\nand 3 more");
	free(text);
	text = comments_at(&c, &at, 5);
	assert_string_equal(text, "later");
	free(text);
	comments_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_released_ack_is_the_first_one_of_its_number_to_leave_afterwards),
	    cmocka_unit_test(a_dropped_segment_is_the_copy_that_came_just_before),
	    cmocka_unit_test(a_segment_dropped_before_the_wire_is_not_taken_for_its_retransmission),
	    cmocka_unit_test(a_forwarded_ack_is_held_on_one_leg_and_released_on_the_other),
	    cmocka_unit_test(what_was_held_on_its_way_to_wedge_is_found_where_it_came),
	    cmocka_unit_test(a_reset_of_the_stream_is_the_rst_that_leaves_on_that_leg),
	    cmocka_unit_test(a_stall_stands_at_the_last_packet_before_the_silence),
	    cmocka_unit_test(what_matches_nothing_is_counted),
	    cmocka_unit_test(many_comments_on_one_packet_are_cut_short_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
