/* message_marks.h - the ends of messages in a stream of bytes, as the maker of the messages gives
 * them: for streams whose bytes don't show it. */
#ifndef WEDGE_STREAM_FLOW_MESSAGE_MARKS_H
#define WEDGE_STREAM_FLOW_MESSAGE_MARKS_H

#include <stdint.h>

/* The bytes behind the last mark are one more message without an end. */
#define MESSAGE_MARKS_MAX 64

struct message_marks {
	unsigned n;
	uint64_t end[MESSAGE_MARKS_MAX]; /* bytes of the stream up to each message's end */
};

#endif
