/* config_load.h - reads a configuration from a YAML file, whole or not at all. */
#ifndef WEDGE_CONFIG_CONFIG_LOAD_H
#define WEDGE_CONFIG_CONFIG_LOAD_H

#include "proxy/config/config.h"

/* Reads the file of wedge proxy into c, which config_init has made. On failure -1, with
 * FILE:LINE:COLUMN and what would be accepted; c is to be released all the same. */
int config_load(struct config *c, const char *path, struct err *e) WG_MUSTUSE;

/* Appends the proxy that a text describes, in the keys that a file has for one; JSON is such a
 * text, too. name stands for the file in errors. Fails as config_load does. */
int config_load_proxy(struct config *c, const char *name, const char *text, size_t len,
		      struct err *e) WG_MUSTUSE;

/* Appends to p, which has its mode and TLS, the impairments of a text: a mapping that has them
 * under the key impairments, and no other. name stands for the file in errors. Fails as config_load
 * does.
 */
int config_load_impairments(const struct impairments_ops *ops, struct config_proxy *p,
			    const char *name, const char *text, size_t len,
			    struct err *e) WG_MUSTUSE;

/* Reads the file of wedge exec, which has the keys of one proxy at its top: those of the process
 * into c; connect_timeout, tls and impairments, which are appended, into p. Fails as config_load
 * does. */
int config_load_exec(struct config *c, struct config_proxy *p, const char *path,
		     struct err *e) WG_MUSTUSE;

#endif
