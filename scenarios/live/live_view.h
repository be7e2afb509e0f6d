/* live_view.h - packets and journal of a wedge that runs become one capture with comments while it
 * runs: what live_capture and annotate_report make at the end, a moment at a time. Pure: knows no
 * sockets, and takes the time as it is told. */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_VIEW_H
#define WEDGE_SCENARIOS_LIVE_LIVE_VIEW_H

#include "proxy/base/dir.h"
#include "proxy/base/err.h"
#include "scenarios/base/pcapng_buf.h"

#include <jansson.h>
#include <stdbool.h>

/* Where the packets come from. */
enum live_input {
	LIVE_ALL, /* one capture of every interface (LINKTYPE_LINUX_SLL2), to be parted into legs */
	LIVE_LEGS, /* a capture of each leg (LINKTYPE_ETHERNET) */
};

struct live_view;

/* wanted (NULL: every packet is) says whether a packet, from its link-layer header on, is shown. */
struct live_view *live_view_new(enum live_input input,
				bool (*wanted)(void *arg, const uint8_t *packet, uint32_t caplen,
					       uint32_t len),
				void *arg);
void live_view_free(struct live_view *v); /* NULL is fine */

/* Of LIVE_LEGS: tells of which leg of wedge's each capture is, where a host of the lab has both on
 * one side. */
void live_view_legs(struct live_view *v, const enum leg legs[LEG_COUNT]);

/* Takes the next bytes of a capture, in pieces of any size; of LIVE_ALL leg is LEG_CLIENT. -1 with
 * *e: they are none. */
int live_view_packets(struct live_view *v, enum leg leg, const void *data, size_t len,
		      struct err *e) WG_MUSTUSE;

/* Takes the next line of the journal, and when it was written (ns since 1970; -1: not known). */
void live_view_line(struct live_view *v, json_t *line, int64_t wall_ns);

/* Appends to out, which gets one capture in all, what is to be shown at that moment (ns since 1970;
 * INT64_MAX: nothing more comes): packets that are old enough for every comment on them to be
 * known, which takes less than a second. */
void live_view_show(struct live_view *v, int64_t now, struct pcapng_buf *out);

/* Other captures follow, with sessions that count anew; out goes on. All has been shown. */
void live_view_begin_again(struct live_view *v);

#endif
