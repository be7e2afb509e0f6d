/* message_marks.h - where messages end in a stream of bytes, as whoever makes them tells. */
#ifndef WEDGE_STREAM_FLOW_MESSAGE_MARKS_H
#define WEDGE_STREAM_FLOW_MESSAGE_MARKS_H

#include <stdint.h>

#define MESSAGE_MARKS_MAX                                                                          \
	64 /* what comes behind the last one is one more message without an end                    \
	    */

struct message_marks {
	unsigned n;
	uint64_t end[MESSAGE_MARKS_MAX]; /* the byte behind each, counted from the beginning */
};

#endif
