/* service_words.h - where a proxy takes its connections, where they go, and who has them, in words:
 * for the lines about it, and to see what a change changes. */
#ifndef WEDGE_SERVICE_SERVICE_WORDS_H
#define WEDGE_SERVICE_SERVICE_WORDS_H

#include "proxy/config/config.h"

/* The address that the proxy listens on, the connections that it takes, or the server that it
 * watches. The caller frees. */
char *service_words_address(const struct config_proxy *cp);

/* The server as it was given; of a transparent proxy the address that it dials from; "" where
 * clients choose. The caller frees. */
char *service_words_upstream(const struct config_proxy *cp);

/* Why only one worker may have sessions of the proxy; NULL: several may. queued: packets are, of
 * some proxy. */
const char *service_words_alone(const struct config_proxy *cp, const struct impairments_ops *ops,
				bool queued);

#endif
