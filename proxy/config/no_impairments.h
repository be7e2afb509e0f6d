/* no_impairments.h - the impairments of a wedge that was built without: every set is NULL, and
 * adding one is refused. */
#ifndef WEDGE_CONFIG_NO_IMPAIRMENTS_H
#define WEDGE_CONFIG_NO_IMPAIRMENTS_H

#include "proxy/config/impairments.h"

extern const struct impairments_ops no_impairments;

#endif
