/* test_capture_reader.c - link layers are taken off, stamps keep their nanoseconds, nonsense is
 * refused. LAYER: wedge_analysis */
#include "scenarios/analysis/capture_reader.h"

#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define IP_BYTE 0x45

/* Where the IP header is found in a frame of zeros but the given bytes; -1: nowhere. */
static int payload_at(int dlt, size_t len, const uint8_t *head, size_t nhead, int ip_at)
{
	uint8_t frame[64] = {0};
	const uint8_t *ip;

	memcpy(frame, head, nhead);
	frame[ip_at] = IP_BYTE;
	ip = capture_link_payload(dlt, frame, &len);
	return ip ? (int)(ip - frame) : -1;
}

static void every_link_type_ends_at_the_ip_header(void **state)
{
	static const uint8_t eth[] = {[12] = 0x08, [13] = 0x00};
	static const uint8_t vlan[] = {[12] = 0x81, [16] = 0x08, [17] = 0};
	static const uint8_t qinq[] = {
	    [12] = 0x88, [13] = 0xa8, [16] = 0x81, [20] = 0x08, [21] = 0};
	static const uint8_t sll[] = {[14] = 0x08, [15] = 0};
	static const uint8_t sll2[] = {0x08, 0x00};
	static const uint8_t null_little[] = {2, 0, 0, 0}, null_big[] = {0, 0, 0, 2};

	(void)state;
	assert_int_equal(payload_at(DLT_EN10MB, 64, eth, sizeof(eth), 14), 14);
	assert_int_equal(payload_at(DLT_EN10MB, 64, vlan, sizeof(vlan), 18), 18);
	assert_int_equal(payload_at(DLT_EN10MB, 64, qinq, sizeof(qinq), 22), 22);
	assert_int_equal(payload_at(DLT_LINUX_SLL, 64, sll, sizeof(sll), 16), 16);
	assert_int_equal(payload_at(DLT_LINUX_SLL2, 64, sll2, sizeof(sll2), 20), 20);
	assert_int_equal(payload_at(DLT_NULL, 64, null_little, 4, 4), 4);
	assert_int_equal(payload_at(DLT_LOOP, 64, null_big, 4, 4), 4);
	assert_int_equal(payload_at(DLT_RAW, 64, eth, 0, 0), 0);
}

static void frames_without_ip_have_no_payload(void **state)
{
	static const uint8_t arp[] = {[12] = 0x08, [13] = 0x06};
	static const uint8_t vlan[] = {[12] = 0x81, [16] = 0x08, [17] = 0};
	static const uint8_t eth[] = {[12] = 0x08, [13] = 0x00};

	(void)state;
	assert_int_equal(payload_at(DLT_EN10MB, 64, arp, sizeof(arp), 14), -1);
	for (size_t len = 0; len <= 14; len++)
		assert_int_equal(payload_at(DLT_EN10MB, len, eth, sizeof(eth), 14), -1);
	for (size_t len = 0; len <= 18; len++)
		assert_int_equal(payload_at(DLT_EN10MB, len, vlan, sizeof(vlan), 18), -1);
	assert_int_equal(payload_at(DLT_IEEE802_11, 64, eth, sizeof(eth), 14), -1);
}

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
	struct classic file = classic(0xa1b23c4d, DLT_IEEE802_11, 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_link_type_ends_at_the_ip_header),
	    cmocka_unit_test(frames_without_ip_have_no_payload),
	    cmocka_unit_test(stamps_are_nanoseconds_in_both_classic_formats),
	    cmocka_unit_test(an_impossible_fraction_stays_in_its_second),
	    cmocka_unit_test(what_is_no_capture_is_refused_by_name),
	    cmocka_unit_test(an_unknown_link_type_is_refused_with_what_is_known),
	    cmocka_unit_test(a_file_that_breaks_off_says_after_which_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
