/* flow_end.h - how a flow of bytes ends. */
#ifndef WEDGE_STREAM_FLOW_FLOW_END_H
#define WEDGE_STREAM_FLOW_FLOW_END_H

/* Travels in band, through the same stages as the bytes. */
enum flow_end { END_NONE, END_FIN, END_RST };

#endif
