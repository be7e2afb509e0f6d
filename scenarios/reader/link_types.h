/* link_types.h - the link types that are read, as a table, each with its step to the first layer
 * above it. Knows no file format. */
#ifndef WEDGE_SCENARIOS_READER_LINK_TYPES_H
#define WEDGE_SCENARIOS_READER_LINK_TYPES_H

#include "proxy/base/err.h"
#include "scenarios/reader/layers.h"

struct link_type;

/* Returns the row of a LINKTYPE_..., NULL when frames of it aren't read. */
const struct link_type *link_type_find(uint16_t number);

/* Steps over the frame's link layer at l->at; the way the packet took may be in it. */
enum layer link_type_step(const struct link_type *t, struct layers *l);

/* Sets *e: frames of that link type aren't read, these are. Returns -1. */
int link_type_refuse(uint16_t number, struct err *e);

#endif
