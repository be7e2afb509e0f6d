/* impairments_ops.h - the impairments as proxy/config/impairments.h asks for them; main.c hands
 * the table to the commands of proxy/. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_IMPAIRMENTS_OPS_H
#define WEDGE_IMPAIRMENTS_LIVE_IMPAIRMENTS_OPS_H

#include "proxy/config/impairments.h"

extern const struct impairments_ops impairments_ops;

#endif
