/* service_announce.h - the lines on stderr about the proxies of a service. Changes nothing. */
#ifndef WEDGE_SERVICE_SERVICE_ANNOUNCE_H
#define WEDGE_SERVICE_SERVICE_ANNOUNCE_H

#include "proxy/service/service.h"

/* Tells of each proxy that the last change added, or gave another place; by its name where there
 * may be several. */
void service_announce_moved(struct service *s, bool named);

#endif
