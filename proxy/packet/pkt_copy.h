/* pkt_copy.h - how much of each packet the kernel hands over: the less it is, the more packets fit
 * in its buffer. */
#ifndef WEDGE_PACKET_PKT_COPY_H
#define WEDGE_PACKET_PKT_COPY_H

/* From the most to the least: what serves two stages is the lesser of their values. */
enum pkt_copy {
	PKT_COPY_WHOLE,
	PKT_COPY_MTU,	  /* what fits Ethernet whole, and the beginning of what is larger */
	PKT_COPY_HEADERS, /* the beginning */
};

#endif
