/* delayed_ack_words.h - the words in which the tests of delayed_ack speak: one rig, data in one
 * direction and its ACKs in the other. */
#ifndef WEDGE_TESTS_DELAYED_ACK_WORDS_H
#define WEDGE_TESTS_DELAYED_ACK_WORDS_H

#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS NS_PER_MS

/* Data travels downstream, its ACKs upstream, unless a test says otherwise. */
#define DATA DIR_DOWNSTREAM
#define ACKS DIR_UPSTREAM

static struct pkt_rig rig;

static void open_rig(const char *impairments)
{
	pkt_rig_open(&rig, impairments);
	pkt_rig_handshake(&rig);
}

static unsigned data(uint32_t seq, uint32_t len)
{
	return pkt_rig_data(&rig, DATA, seq, len);
}

static unsigned ack(uint32_t number)
{
	return pkt_rig_ack(&rig, ACKS, number);
}

static void assert_passed_now(unsigned packet)
{
	assert_int_equal(pkt_rig_fate(&rig, packet), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_when(&rig, packet), rig.clock.t);
}

static void assert_fate(unsigned packet, enum rig_fate fate)
{
	assert_int_equal(pkt_rig_fate(&rig, packet), fate);
}

#endif
