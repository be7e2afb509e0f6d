/* test_capture_reader.c - stamps keep their nanoseconds, both byte orders are read, nonsense is
 * refused.
 * LAYER: wedge_reader */
#include "scenarios/reader/capture_reader.h"

#include "scenarios/base/pcapng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define IP_BYTE 0x45

static int open_bytes(const void *data, size_t len, struct capture_reader **r, struct err *e)
{
	int fd = memfd_create("capture", MFD_CLOEXEC), rc;
	char path[32];

	assert_int_equal(write(fd, data, len), len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = capture_reader_open(path, r, e);
	close(fd);
	return rc;
}

/* A classic file with one raw IP packet, seconds 5 and the given fraction. */
struct classic {
	struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, figures, snaplen, link;
	} head;
	struct {
		uint32_t seconds, fraction, caplen, len;
	} packet;
	uint8_t data[20];
};

static struct classic classic(uint32_t magic, uint32_t link, uint32_t fraction)
{
	return (struct classic){
	    .head = {.magic = magic, .major = 2, .minor = 4, .snaplen = 65535, .link = link},
	    .packet = {.seconds = 5, .fraction = fraction, .caplen = 20, .len = 20},
	    .data = {IP_BYTE},
	};
}

static void check_stamp(uint32_t magic, uint32_t fraction, int64_t expected)
{
	struct classic file = classic(magic, 101, fraction);
	struct capture_reader *r;
	struct capture_packet p;
	struct err e;

	assert_int_equal(open_bytes(&file, sizeof(file), &r, &e), 0);
	assert_int_equal(capture_reader_next(r, &p, &e), 1);
	assert_int_equal(p.at, expected);
	assert_int_equal(p.frame, 1);
	assert_int_equal(p.ip_len, 20);
	assert_non_null(p.ip);
	assert_int_equal(capture_reader_next(r, &p, &e), 0);
	capture_reader_close(r);
}

static void stamps_are_nanoseconds_in_both_classic_formats(void **state)
{
	(void)state;
	check_stamp(0xa1b23c4d, 123456789, 5123456789);
	check_stamp(0xa1b2c3d4, 123456, 5123456000);
}

static void an_impossible_fraction_stays_in_its_second(void **state)
{
	(void)state;
	check_stamp(0xa1b23c4d, 0x7fffffff, 5999999999);
}

static void what_is_no_capture_is_refused_by_name(void **state)
{
	struct capture_reader *r;
	struct err e;

	(void)state;
	assert_int_equal(open_bytes("GET / HTTP/1.1\r\nHost: example\r\n\r\n", 33, &r, &e), -1);
	assert_non_null(strstr(e.text, "capture /proc/self/fd/"));
	assert_int_equal(open_bytes("", 0, &r, &e), -1);
	assert_int_equal(capture_reader_open("/nonexistent.pcap", &r, &e), -1);
	assert_non_null(strstr(e.text, "/nonexistent.pcap"));
}

static void an_unknown_link_type_is_refused_with_what_is_known(void **state)
{
	struct classic file = classic(0xa1b23c4d, 105, 0);
	struct capture_reader *r;
	struct err e;

	(void)state;
	assert_int_equal(open_bytes(&file, sizeof(file), &r, &e), -1);
	assert_non_null(strstr(e.text, "IEEE802_11"));
	assert_non_null(strstr(e.text, "Ethernet"));
}

static void a_file_that_breaks_off_says_after_which_frame(void **state)
{
	struct classic file = classic(0xa1b23c4d, 101, 0);
	struct capture_reader *r;
	struct capture_packet p;
	struct err e;

	(void)state;
	assert_int_equal(open_bytes(&file, sizeof(file) - 1, &r, &e), 0);
	assert_int_equal(capture_reader_next(r, &p, &e), -1);
	assert_non_null(strstr(e.text, "after frame 0"));
	capture_reader_close(r);
}

static void the_other_byte_order_is_read(void **state)
{
	struct classic file = classic(0x4d3cb2a1, __builtin_bswap32(101), __builtin_bswap32(7));
	struct capture_reader *r;
	struct capture_packet p;
	struct err e;

	(void)state;
	file.head.major = 2 << 8;
	file.head.minor = 4 << 8;
	file.head.snaplen = __builtin_bswap32(65535);
	file.packet.seconds = __builtin_bswap32(5);
	file.packet.caplen = file.packet.len = __builtin_bswap32(20);
	assert_int_equal(open_bytes(&file, sizeof(file), &r, &e), 0);
	assert_int_equal(capture_reader_next(r, &p, &e), 1);
	assert_int_equal(p.at, 5 * NS_PER_S + 7);
	assert_int_equal(p.captured_len, 20);
	capture_reader_close(r);
}

static void a_frame_longer_than_its_snap_length_is_refused(void **state)
{
	struct classic file = classic(0xa1b23c4d, 101, 0);
	struct capture_reader *r;
	struct capture_packet p;
	struct err e;

	(void)state;
	file.packet.caplen = 262145;
	assert_int_equal(open_bytes(&file, sizeof(file), &r, &e), 0);
	assert_int_equal(capture_reader_next(r, &p, &e), -1);
	assert_non_null(strstr(e.text, "offset 24"));
	assert_non_null(strstr(e.text, "65535"));
	capture_reader_close(r);
}

/* Reads all of a pcapng file; returns what it is like. */
static struct capture_counts counts_of(const struct pcapng_buf *b)
{
	struct capture_counts counts;
	struct capture_reader *r;
	struct capture_packet p;
	struct err e;

	assert_int_equal(open_bytes(b->data, b->len, &r, &e), 0);
	while (capture_reader_next(r, &p, &e) == 1)
		;
	capture_reader_counts(r, &counts);
	capture_reader_close(r);
	return counts;
}

static void steps_back_are_counted(void **state)
{
	static const int64_t at[] = {500, 900, 700, 800, 300, 1000};
	struct pcapng_buf b = {.len = 0};
	struct capture_counts n;
	uint8_t ip[20] = {IP_BYTE};

	(void)state;
	pcapng_section(&b, NULL, NULL, NULL);
	pcapng_interface(&b, 101, 0, "a", NULL);
	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		pcapng_packet(&b, 0, at[i], ip, sizeof(ip), 60, NULL);
	n = counts_of(&b);
	assert_int_equal(n.packets, 6);
	assert_int_equal(n.back, 2);
	assert_int_equal(n.back_step, 500);
	assert_int_equal(n.cut, 6);
	assert_false(n.drops_known);
	free(b.data);
}

static void drops_are_the_latest_that_an_interface_told(void **state)
{
	struct pcapng_buf b = {.len = 0};
	struct capture_counts n;

	(void)state;
	for (int i = 0; i < 2; i++) { /* sections */
		pcapng_section(&b, NULL, NULL, NULL);
		pcapng_interface(&b, 101, 0, "a", NULL);
		pcapng_interface(&b, 1, 0, "b", NULL);
		pcapng_statistics(&b, 0, 1, 100, 3);
		pcapng_statistics(&b, 0, 2, 200, 5);
		pcapng_statistics(&b, 1, 2, 200, 10);
	}
	n = counts_of(&b);
	assert_true(n.drops_known);
	assert_int_equal(n.dropped, 30);
	assert_int_equal(n.until, 2); /* the time of the latest */
	free(b.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stamps_are_nanoseconds_in_both_classic_formats),
	    cmocka_unit_test(an_impossible_fraction_stays_in_its_second),
	    cmocka_unit_test(what_is_no_capture_is_refused_by_name),
	    cmocka_unit_test(an_unknown_link_type_is_refused_with_what_is_known),
	    cmocka_unit_test(a_file_that_breaks_off_says_after_which_frame),
	    cmocka_unit_test(the_other_byte_order_is_read),
	    cmocka_unit_test(a_frame_longer_than_its_snap_length_is_refused),
	    cmocka_unit_test(steps_back_are_counted),
	    cmocka_unit_test(drops_are_the_latest_that_an_interface_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
