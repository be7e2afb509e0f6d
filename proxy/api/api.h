/* api.h - the control plane over HTTP: Toxiproxy's API, and wedge's own. */
#ifndef WEDGE_API_API_H
#define WEDGE_API_API_H

#include "proxy/service/control.h"

extern const struct control_ops api_ops;

#endif
