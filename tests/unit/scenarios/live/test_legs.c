/* test_legs.c - packets of every interface find their leg: by addresses, by their way where both
 * legs have the same, and each only once. LAYER: wedge_live */
#include "scenarios/live/legs.h"

#include "proxy/base/clock.h"
#include "proxy/packet/checksum.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/base/pcapng.h"
#include "scenarios/base/pcapng_blocks.h"
#include "scenarios/base/unnamed_file.h"
#include "scenarios/live/legs_copies.h"

#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WALL (INT64_C(1700000000) * NS_PER_S)

enum { IN = 0, OTHER_HOST = 3, OUT = 4 };

/* A capture in the making, and what has been learnt. */
struct world {
	struct pcapng_buf raw;
	struct legs *legs;
};

/* Hosts are the last byte of 10.0.0.x. */
struct end {
	uint8_t host;
	uint16_t port;
};

static const struct end client = {1, 5000}, wedge = {2, 8080}, out = {2, 6000}, server = {3, 80};

static void begin(struct world *w)
{
	*w = (struct world){.legs = legs_new()};
	pcapng_section(&w->raw, NULL, NULL, NULL);
	pcapng_interface(&w->raw, PCAPNG_LINKTYPE_LINUX_SLL2, 0, "any", NULL);
}

static void finish(struct world *w)
{
	legs_free(w->legs);
	free(w->raw.data);
}

static void put(uint8_t *at, size_t n, uint32_t v)
{
	for (size_t i = n; i-- > 0; v >>= 8)
		at[i] = (uint8_t)v;
}

/* A segment of len bytes on the interface of that index. */
static void packet(struct world *w, int us, uint32_t index, uint8_t way, struct end from,
		   struct end to, uint32_t seq, uint8_t len)
{
	uint8_t f[20 + 40 + 256] = {8, 0}, *ip = f + 20, *tcp = ip + 20;
	uint32_t total = 40u + len;

	put(f + 4, 4, index);
	f[10] = way;
	ip[0] = 0x45;
	put(ip + 2, 2, total);
	ip[8] = 64;
	ip[9] = 6;
	put(ip + 12, 4, 0x0a000000u | from.host);
	put(ip + 16, 4, 0x0a000000u | to.host);
	put(tcp, 2, from.port);
	put(tcp + 2, 2, to.port);
	put(tcp + 4, 4, seq);
	tcp[12] = 0x50;
	tcp[13] = TCP_ACK;
	pcapng_packet(&w->raw, 0, WALL + us * 1000, f, 20 + total, 20 + total, NULL);
}

static void learn(struct world *w, int session, const char *leg, struct end from, struct end to)
{
	struct connection_line c;
	char a[32], b[32];
	json_t *line;

	snprintf(a, sizeof(a), "10.0.0.%d:%d", from.host, from.port);
	snprintf(b, sizeof(b), "10.0.0.%d:%d", to.host, to.port);
	line = json_pack("{s:s, s:i, s:s, s:s, s:s}", "event", "connection", "session", session,
			 "leg", leg, "client", a, "server", b);
	assert_true(journal_connection_line(line, &c));
	legs_learn(w->legs, &c);
	json_decref(line);
}

static void expect(struct world *w, size_t on_client, size_t on_server)
{
	const struct mapped raw = {w->raw.data, w->raw.len};

	legs_part(w->legs, &raw);
	assert_int_equal(legs_packets(w->legs, LEG_CLIENT), on_client);
	assert_int_equal(legs_packets(w->legs, LEG_SERVER), on_server);
	finish(w);
}

static void addresses_tell_the_legs(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	learn(&w, 1, "server", out, server);
	packet(&w, 0, 1, IN, client, wedge, 1, 0);
	packet(&w, 10, 1, IN, wedge, client, 1, 0);
	packet(&w, 20, 1, IN, out, server, 1, 0);
	packet(&w, 30, 1, IN, client, server, 1, 0);	  /* somebody else's */
	packet(&w, 40, 1, OTHER_HOST, out, server, 9, 9); /* not for this host */
	expect(&w, 2, 1);
}

static void where_both_legs_have_the_same_addresses_the_way_tells(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, server);
	learn(&w, 1, "server", client, server);
	packet(&w, 0, 1, IN, client, server, 1, 0);
	packet(&w, 10, 2, OUT, client, server, 1, 0);
	packet(&w, 20, 2, IN, server, client, 1, 0);
	packet(&w, 30, 1, OUT, server, client, 1, 0);
	packet(&w, 40, 1, OUT, server, client, 2, 0);
	expect(&w, 3, 2);
	begin(&w);
	learn(&w, 1, "forwarded", client, server);
	packet(&w, 0, 1, IN, client, server, 1, 0);
	packet(&w, 10, 1, OUT, client, server, 1, 0); /* one-armed */
	packet(&w, 20, 1, OUT, client, server, 2, 0);
	expect(&w, 1, 2);
}

/* One proxy's upstream is the next one's listener. */
static void what_is_the_server_leg_of_one_and_the_client_leg_of_another_is_there_once(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	learn(&w, 1, "server", out, server);
	learn(&w, 2, "client", out, server);
	packet(&w, 0, 1, IN, out, server, 1, 0);
	packet(&w, 10, 1, IN, server, out, 1, 0);
	expect(&w, 2, 0);
}

/* A bridge and its port, first as it is and then in segments. */
static void copies_on_stacked_interfaces_are_left_out(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	packet(&w, 0, 1, IN, client, wedge, 1, 200);
	packet(&w, 5, 9, IN, client, wedge, 1, 200);
	packet(&w, 10, 9, OUT, wedge, client, 1, 200);
	packet(&w, 12, 1, OUT, wedge, client, 1, 100);
	packet(&w, 14, 1, OUT, wedge, client, 101, 100);
	expect(&w, 2, 0);
}

static void what_is_sent_again_is_no_copy(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	packet(&w, 0, 1, IN, client, wedge, 1, 200);
	packet(&w, 10, 1, IN, client, wedge, 1, 200);	   /* at once, on the same interface */
	packet(&w, 300000, 9, IN, client, wedge, 1, 200);  /* later, the route has changed */
	packet(&w, 300010, 9, IN, client, wedge, 201, 20); /* and goes on there */
	packet(&w, 300020, 9, IN, client, wedge, 221, 0);
	expect(&w, 5, 0);
}

static void a_capture_that_breaks_off_is_taken_as_far_as_it_is_whole(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	packet(&w, 0, 1, IN, client, wedge, 1, 0);
	packet(&w, 10, 1, IN, client, wedge, 1, 200);
	w.raw.len -= 30;
	expect(&w, 1, 0);
	begin(&w);
	w.raw.len = 0;
	expect(&w, 0, 0);
}

static void a_leg_is_written_as_it_was_with_its_name(void **state)
{
	struct pcapng_walk walk = {.at = 0};
	struct mapped raw, written;
	struct pcapng_block b;
	struct world w;
	int fd = unnamed_file("/tmp/x", NULL);

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	learn(&w, 1, "server", out, server);
	packet(&w, 0, 1, IN, client, wedge, 1, 3);
	packet(&w, 10, 1, IN, out, server, 7, 5);
	raw = (struct mapped){w.raw.data, w.raw.len};
	legs_part(w.legs, &raw);
	assert_int_equal(legs_write(w.legs, LEG_SERVER, &raw, true, fd, NULL), 0);
	assert_int_equal(mapped_file(&written, fd, NULL), 0);
	walk = (struct pcapng_walk){.data = written.data, .len = written.len};
	assert_int_equal(pcapng_next(&walk, &b, NULL), 1);
	assert_int_equal(b.kind, PCAPNG_SECTION);
	assert_int_equal(pcapng_next(&walk, &b, NULL), 1);
	assert_int_equal(b.linktype, PCAPNG_LINKTYPE_LINUX_SLL2);
	assert_non_null(memmem(b.bytes, b.len, "server leg on ", strlen("server leg on ")));
	assert_int_equal(pcapng_next(&walk, &b, NULL), 1);
	assert_int_equal(b.wall_ns, WALL + 10000);
	assert_int_equal(b.caplen, 65);
	assert_int_equal(pcapng_next(&walk, &b, NULL), 1);
	assert_int_equal(b.kind, PCAPNG_STATISTICS);
	assert_int_equal(pcapng_next(&walk, &b, NULL), 0);
	mapped_close(&written);
	close(fd);
	finish(&w);
}

/* The address and port that the server of the first written packet has, of its destination. */
static void expect_destination(struct world *w, struct end expected)
{
	const struct mapped raw = {w->raw.data, w->raw.len};
	struct pcapng_walk walk = {.at = 0};
	int fd = unnamed_file("/tmp/x", NULL);
	struct mapped written;
	struct pcapng_block b;
	struct tcp_view v;

	legs_part(w->legs, &raw);
	assert_int_equal(legs_write(w->legs, LEG_CLIENT, &raw, true, fd, NULL), 0);
	assert_int_equal(mapped_file(&written, fd, NULL), 0);
	walk = (struct pcapng_walk){.data = written.data, .len = written.len};
	for (b.kind = PCAPNG_OTHER; b.kind != PCAPNG_PACKET;)
		assert_int_equal(pcapng_next(&walk, &b, NULL), 1);
	assert_true(tcp_view_parse(&v, b.packet + 20, b.caplen - 20));
	assert_int_equal(((const uint8_t *)&v.dst.in.sin_addr)[3], expected.host);
	assert_int_equal(addr_port(&v.dst), expected.port);
	assert_int_equal(checksum_tcp_ok(&v), expected.port != wedge.port);
	mapped_close(&written);
	close(fd);
	finish(w);
}

static void what_is_redirected_has_the_address_that_its_client_wanted(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	learn(&w, 1, "client", client, server);
	packet(&w, 0, 1, OUT, client, wedge, 1, 3);
	expect_destination(&w, server);
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	learn(&w, 1, "client", client, server);
	learn(&w, 2, "client", client, wedge); /* the port again, towards another server */
	learn(&w, 2, "client", client, out);
	packet(&w, 0, 1, OUT, client, wedge, 1, 3);
	expect_destination(&w, wedge);
	begin(&w);
	learn(&w, 1, "client", client, wedge);
	learn(&w, 2, "client", client, server); /* another session's */
	packet(&w, 0, 1, OUT, client, wedge, 1, 3);
	expect_destination(&w, wedge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_tell_the_legs),
	    cmocka_unit_test(where_both_legs_have_the_same_addresses_the_way_tells),
	    cmocka_unit_test(
		what_is_the_server_leg_of_one_and_the_client_leg_of_another_is_there_once),
	    cmocka_unit_test(copies_on_stacked_interfaces_are_left_out),
	    cmocka_unit_test(what_is_sent_again_is_no_copy),
	    cmocka_unit_test(a_capture_that_breaks_off_is_taken_as_far_as_it_is_whole),
	    cmocka_unit_test(a_leg_is_written_as_it_was_with_its_name),
	    cmocka_unit_test(what_is_redirected_has_the_address_that_its_client_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
