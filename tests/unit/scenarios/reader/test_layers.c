/* test_layers.c - every link layer and tunnel ends at the innermost IP packet; what leads to none,
 * is cut, or nests without end, ends without one. LAYER: wedge_reader */
#include "scenarios/reader/layer_walk.h"
#include "scenarios/reader/link_types.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FRAME_MAX 2048

/* Headers as text, to be put together. TCP4 is an IP header alone, of 40 bytes of TCP over IPv4. */
#define MACS "020000000002 020000000001 "
#define TCP4 "45000028 00074000 4006 0000 0a010001 0a010002 "
#define TCP6                                                                                       \
	"60000000 0014 06 40 fd000000000000000000000000000001 fd000000000000000000000000000002 "
#define IPV4(protocol) "45000000 00004000 40" protocol " 0000 c0000201 c0000202 "
#define UDP(port)      "c350 " port " 0000 0000 "
#define VXLAN	       "08000000 00000700 "

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t len;
};

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct frame from_hex(const char *text)
{
	struct frame f = {.len = 0};
	bool low = false;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		f.bytes[f.len] = (uint8_t)((unsigned)f.bytes[f.len] << 4 | digit(*text));
		f.len += low;
		low = !low;
	}
	return f;
}

static struct layers walk(uint16_t link_type, const struct frame *f)
{
	const struct link_type *t = link_type_find(link_type);
	struct layers l = {.at = f->bytes, .len = f->len, .wire = f->len};

	assert_non_null(t);
	layer_walk(&l, link_type_step(t, &l));
	return l;
}

static const struct sample {
	const char *name;
	uint16_t link_type;
	const char *head; /* what is before the IP packet */
	unsigned wraps;
} samples[] = {
    {"Ethernet", 1, MACS "0800 ", 0},
    {"VLAN", 1, MACS "8100 0005 0800 ", IN_VLAN},
    {"QinQ", 1, MACS "88a8 0005 8100 0006 0800 ", IN_VLAN},
    {"QinQ, old", 1, MACS "9100 0005 9200 0006 0800 ", IN_VLAN},
    {"VN tag", 1, MACS "8926 80000001 0800 ", IN_VLAN},
    {"provider backbone", 1, MACS "88e7 00000001 " MACS "0800 ", 0},
    {"SNAP", 1, MACS "0030 aaaa03 000000 0800 ", 0},
    {"MPLS", 1, MACS "8847 00010040 00011140 ", IN_MPLS},
    {"MPLS pseudowire", 1, MACS "8847 00011140 00000000 " MACS "0800 ", IN_MPLS},
    {"PPPoE", 1, MACS "8864 1100 004d 002a 0021 ", IN_PPPOE},
    {"cooked", 113, "0000 0001 0006 0200000000010000 0800 ", 0},
    {"cooked 2", 276, "0800 0000 00000002 0001 00 06 0200000000010000 ", 0},
    {"cooked, VLAN", 113, "0000 0001 0006 0200000000010000 8100 0005 0800 ", IN_VLAN},
    {"BSD, little", 0, "02000000 ", 0},
    {"BSD, big", 108, "00000002 ", 0},
    {"ENC", 109, "02000000 00000000 00000000 ", 0},
    {"raw", 101, "", 0},
    {"raw, BSD", 12, "", 0},
    {"raw IPv4", 228, "", 0},
    {"PPP", 9, "ff03 0021 ", 0},
    {"PPP, short field", 9, "21 ", 0},
    {"PPP, HDLC", 50, "ff03 0021 ", 0},
    {"Cisco HDLC", 104, "0f00 0800 ", 0},
    {"PPP, direction", 204, "01 ff03 0021 ", 0},
    {"PPPoE alone", 51, "1100 004d 002a 0021 ", IN_PPPOE},
    {"IP in IP", 101, IPV4("04"), IN_IP},
    {"GRE", 101, IPV4("2f") "0000 0800 ", IN_GRE},
    {"GRE, all options", 101, IPV4("2f") "b000 0800 00000000 00000001 00000002 ", IN_GRE},
    {"GRE, Ethernet", 101, IPV4("2f") "0000 6558 " MACS "0800 ", IN_GRE},
    {"PPTP", 101, IPV4("2f") "3081 880b 002c0001 00000001 00000002 ff030021 ", IN_GRE},
    {"ERSPAN I", 101, IPV4("2f") "0000 88be " MACS "0800 ", IN_GRE | IN_ERSPAN},
    {"ERSPAN II", 101, IPV4("2f") "1000 88be 00000001 10640001 00000003 " MACS "0800 ",
     IN_GRE | IN_ERSPAN},
    {"ERSPAN III", 101, IPV4("2f") "1000 22eb 00000001 20640001 00000063 0000 0000 " MACS "0800 ",
     IN_GRE | IN_ERSPAN},
    {"ERSPAN III, more", 101,
     IPV4("2f") "1000 22eb 00000001 20640001 00000063 0000 0001 0000000000000000 " MACS "0800 ",
     IN_GRE | IN_ERSPAN},
    {"ERSPAN III, IP", 101, IPV4("2f") "1000 22eb 00000001 20640001 00000063 0000 0800 ",
     IN_GRE | IN_ERSPAN},
    {"VXLAN", 101, IPV4("11") UDP("12b5") VXLAN MACS "0800 ", IN_VXLAN},
    {"VXLAN, Linux", 101, IPV4("11") UDP("2118") VXLAN MACS "0800 ", IN_VXLAN},
    {"VXLAN-GPE", 101, IPV4("11") UDP("12b6") "0c000001 00000700 ", IN_VXLAN},
    {"Geneve", 101, IPV4("11") UDP("17c1") "0100 6558 00000900 00000000 " MACS "0800 ", IN_GENEVE},
    {"VXLAN in ERSPAN, tagged", 1,
     MACS "0800 " IPV4("2f") "1000 88be 00000001 10640001 00000003 " MACS
			     "8100 0005 0800 " IPV4("11") UDP("12b5") VXLAN MACS "0800 ",
     IN_GRE | IN_ERSPAN | IN_VLAN | IN_VXLAN},
};

static struct frame sample_frame(const struct sample *s, const char *packet, size_t *head)
{
	char text[FRAME_MAX];

	*head = from_hex(s->head).len;
	snprintf(text, sizeof(text), "%s%s", s->head, packet);
	return from_hex(text);
}

static void every_layer_ends_at_the_innermost_ip_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		size_t head;
		struct frame f = sample_frame(&samples[i], TCP4, &head);
		struct layers l = walk(samples[i].link_type, &f);

		if (!l.ip || l.ip != f.bytes + head)
			fail_msg("%s: the packet isn't found", samples[i].name);
		assert_int_equal(l.wraps, samples[i].wraps);
		assert_int_equal(l.ip_len, 20);
		assert_int_equal(l.ip_headers, 20);
		assert_int_equal(l.protocol, IPPROTO_TCP);
		assert_int_equal(l.fragment, IP_WHOLE);
		assert_false(l.too_deep);
	}
}

static void a_frame_cut_anywhere_finds_no_more_than_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		size_t head;
		struct frame f = sample_frame(&samples[i], TCP4, &head);

		for (size_t len = 0; len < f.len; len++) {
			/* A block of exactly that size, for the sanitizer. */
			struct frame cut = {.len = len};
			struct layers l;

			memcpy(cut.bytes, f.bytes, len);
			l = walk(samples[i].link_type, &cut);
			assert_true(!l.ip || l.ip + l.ip_len <= cut.bytes + len);
			assert_true(l.protocol != IPPROTO_TCP || len >= head + 20);
		}
	}
}

static void expect_none(uint16_t link_type, const char *text)
{
	struct frame f = from_hex(text);

	assert_null(walk(link_type, &f).ip);
}

static void what_leads_to_no_ip_has_none(void **state)
{
	struct frame f;
	struct layers l;

	(void)state;
	expect_none(1, MACS "0806 0001080006040001 " TCP4);
	expect_none(1, MACS "8863 1109 0000 0000 " TCP4);
	expect_none(1, MACS "0030 424203 " TCP4);
	expect_none(9, "ff03 c021 " TCP4);
	expect_none(0, "1c1c1c1c ");
	expect_none(101, "f5000028 " TCP4);
	/* A tunnel that holds something else: the packet is the tunnel's own. */
	f = from_hex(IPV4("11") UDP("12b5") VXLAN MACS "0806 00010800 ");
	l = walk(101, &f);
	assert_ptr_equal(l.ip, f.bytes);
	assert_int_equal(l.protocol, IPPROTO_UDP);
	/* No mark of VXLAN, a later version of GRE, the datagram of another port. */
	f = from_hex(IPV4("11") UDP("12b5") "00000000 00000700 " MACS "0800 " TCP4);
	assert_ptr_equal(walk(101, &f).ip, f.bytes);
	f = from_hex(IPV4("2f") "0002 0800 " TCP4);
	assert_ptr_equal(walk(101, &f).ip, f.bytes);
	f = from_hex(IPV4("11") UDP("0035") VXLAN MACS "0800 " TCP4);
	assert_ptr_equal(walk(101, &f).ip, f.bytes);
	assert_null(link_type_find(105));
}

static void nesting_has_an_end(void **state)
{
	struct frame f = {.len = 0};
	struct layers l;

	(void)state;
	while (f.len + 20 <= FRAME_MAX) {
		struct frame outer = from_hex(IPV4("04"));

		memcpy(f.bytes + f.len, outer.bytes, outer.len);
		f.len += outer.len;
	}
	l = walk(101, &f);
	assert_true(l.too_deep);
	assert_non_null(l.ip);
}

static struct layers walk_raw(const char *text)
{
	static struct frame f;

	f = from_hex(text);
	return walk(101, &f);
}

static void fragments_are_told_apart(void **state)
{
	struct layers l;

	(void)state;
	l = walk_raw("45000028 00072000 4006 0000 0a010001 0a010002 ");
	assert_int_equal(l.fragment, IP_FRAGMENT_FIRST);
	l = walk_raw("45000028 00070064 4006 0000 0a010001 0a010002 ");
	assert_int_equal(l.fragment, IP_FRAGMENT_LATER);
	l = walk_raw("60000000 0014 2c 40 fd000000000000000000000000000001 "
		     "fd000000000000000000000000000002 0600 0001 00000007 ");
	assert_int_equal(l.fragment, IP_FRAGMENT_FIRST);
	assert_int_equal(l.protocol, IPPROTO_TCP);
	assert_int_equal(l.ip_headers, 48);
	l = walk_raw("60000000 0014 2c 40 fd000000000000000000000000000001 "
		     "fd000000000000000000000000000002 0600 0641 00000007 ");
	assert_int_equal(l.fragment, IP_FRAGMENT_LATER);
	assert_true(l.fragments);
	/* An atomic fragment (RFC 6946) is a whole packet. */
	l = walk_raw("60000000 0014 2c 40 fd000000000000000000000000000001 "
		     "fd000000000000000000000000000002 0600 0000 00000007 ");
	assert_int_equal(l.fragment, IP_WHOLE);
	assert_false(l.fragments);
}

static void extension_headers_are_stepped_over(void **state)
{
	struct layers l;

	(void)state;
	l = walk_raw(TCP6);
	assert_int_equal(l.ip_headers, 40);
	l = walk_raw("60000000 0014 00 40 fd000000000000000000000000000001 "
		     "fd000000000000000000000000000002 3c00 000000000000 3301 000000000000 "
		     "0000000000000000 0601 00000000 00000000 00000000 ");
	assert_int_equal(l.protocol, IPPROTO_TCP);
	assert_int_equal(l.ip_headers, 40 + 8 + 16 + 12);
}

static void the_way_of_a_cooked_packet_is_in_its_header(void **state)
{
	struct frame in = from_hex("0000 0001 0006 0200000000010000 0800 " TCP4);
	struct frame out = from_hex("0004 0001 0006 0200000000010000 0800 " TCP4);

	(void)state;
	assert_int_equal(walk(113, &in).way, PACKET_IN);
	assert_int_equal(walk(113, &out).way, PACKET_OUT);
	assert_true(walk(113, &in).place != walk(113, &out).place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_layer_ends_at_the_innermost_ip_header),
	    cmocka_unit_test(a_frame_cut_anywhere_finds_no_more_than_is_there),
	    cmocka_unit_test(what_leads_to_no_ip_has_none),
	    cmocka_unit_test(nesting_has_an_end),
	    cmocka_unit_test(fragments_are_told_apart),
	    cmocka_unit_test(extension_headers_are_stepped_over),
	    cmocka_unit_test(the_way_of_a_cooked_packet_is_in_its_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
