/* json_out.h - JSON as Go's encoding/json writes it, character by character: what clients compare
 * as text is the same. Knows no object's meaning. */
#ifndef WEDGE_API_JSON_OUT_H
#define WEDGE_API_JSON_OUT_H

#include <event2/buffer.h>

/* Append a text between quotes, with <, > and & escaped; and a number as Go writes a float32: the
 * shortest that reads back as the same. */
void json_out_text(struct evbuffer *out, const char *text);
void json_out_float(struct evbuffer *out, float number);

/* Appends a text as it is. */
void json_out_plain(struct evbuffer *out, const char *text);

#endif
