/* test_sequence_frame.c - what a time-sequence diagram spans. LAYER: wedge_report */
#include "scenarios/report/sequence_frame.h"

#include "proxy/base/attrs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct result_packet packet(double at, enum dir dir, uint8_t flags, uint64_t seq,
				   uint32_t len, uint64_t ack, uint64_t window)
{
	return (struct result_packet){.at = at,
				      .dir = dir,
				      .flags = flags,
				      .seq = seq,
				      .len = len,
				      .ack = ack,
				      .window = window,
				      .window_known = true};
}

static void a_frame_spans_data_and_a_near_window(void **state)
{
	struct result_packet list[] = {
	    packet(0, DIR_UPSTREAM, FLAG_SYN, 0, 0, 0, 4000),
	    packet(0.1, DIR_DOWNSTREAM, FLAG_SYN | FLAG_ACK, 0, 0, 1, 2000),
	    packet(0.2, DIR_UPSTREAM, FLAG_ACK, 1, 1000, 1, 4000),
	    packet(0.5, DIR_DOWNSTREAM, FLAG_ACK, 1, 0, 1001, 3000),
	};
	struct result_connection c = {
	    .packets = list, .npackets = ARRAY_LEN(list), .total = 10, .end = 9};
	struct sequence_frame f;

	(void)state;
	assert_true(sequence_frame_lay(&f, &c, DIR_UPSTREAM));
	assert_true(f.window);
	assert_int_equal(f.window_low, 2000);
	assert_int_equal(f.window_high, 3000);
	assert_true(svg_place(&f.y, 0) == SEQUENCE_HEIGHT);
	assert_true(svg_place(&f.y, 1001 + 3000) == 0);
	assert_true(svg_place(&f.x, 0.5) == 100); /* six more packets aren't here */
	assert_false(sequence_frame_lay(&f, &c, DIR_DOWNSTREAM));
}

static void a_silence_lasts_to_the_capture_s_end(void **state)
{
	struct result_packet list[] = {
	    packet(0, DIR_UPSTREAM, FLAG_ACK, 1, 100, 1, 65535),
	    packet(1, DIR_DOWNSTREAM, FLAG_ACK, 1, 0, 101, 65535),
	};
	struct result_connection c = {
	    .packets = list, .npackets = ARRAY_LEN(list), .total = 2, .end = 20};
	struct sequence_frame f;

	(void)state;
	assert_true(sequence_frame_lay(&f, &c, DIR_UPSTREAM));
	assert_true(fabs(svg_place(&f.x, 1) - 5) < 1e-9);
	assert_false(f.window); /* it would be 650 times as high as the data */
	list[1].flags |= FLAG_RST;
	assert_true(sequence_frame_lay(&f, &c, DIR_UPSTREAM));
	assert_true(svg_place(&f.x, 1) == 100);
}

static void an_rst_s_number_moves_nothing(void **state)
{
	struct result_packet list[] = {
	    packet(0, DIR_UPSTREAM, FLAG_ACK, 1, 100, 1, 500),
	    packet(1, DIR_UPSTREAM, FLAG_RST, 4000000000u, 0, 0, 0),
	};
	struct result_connection c = {.packets = list, .npackets = ARRAY_LEN(list), .total = 2};
	struct sequence_frame f;

	(void)state;
	assert_true(sequence_frame_lay(&f, &c, DIR_UPSTREAM));
	assert_true(f.y.high < 200);
}

static void a_connection_of_one_packet_has_a_frame(void **state)
{
	struct result_packet list[] = {packet(0, DIR_UPSTREAM, FLAG_ACK, 1, 1, 1, 0)};
	struct result_connection c = {.packets = list, .npackets = 1, .total = 1},
				 none = {.npackets = 0};
	struct sequence_frame f;

	(void)state;
	assert_true(sequence_frame_lay(&f, &c, DIR_UPSTREAM));
	assert_true(f.x.high > f.x.low && f.y.high > f.y.low);
	assert_false(sequence_frame_lay(&f, &none, DIR_UPSTREAM));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_frame_spans_data_and_a_near_window),
	    cmocka_unit_test(a_silence_lasts_to_the_capture_s_end),
	    cmocka_unit_test(an_rst_s_number_moves_nothing),
	    cmocka_unit_test(a_connection_of_one_packet_has_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
