/* tls.h - TLS of one proxy, made from its configuration and ready for sessions. */
#ifndef WEDGE_STREAM_TLS_TLS_H
#define WEDGE_STREAM_TLS_TLS_H

#include "proxy/stream/tls/tls_config.h"

struct line_copies;
struct tls;
struct writer;

/* Reads the files and makes the lab CA where it is needed. The caller has the first reference
 * (tls_state.h). NULL with *e on failure; config has passed tls_config_check, and its mode isn't
 * passthrough. */
struct tls *tls_new(const struct tls_config *config, struct err *e) WG_MUSTUSE;

/* Secrets are put to these, too, from now on; they must outlive every session. NULL: nowhere. */
void tls_copy_secrets(struct tls *tls, const struct line_copies *copies);

/* The descriptor of the key log's file; -1: none. It stays the TLS's. */
int tls_keylog(const struct tls *tls);

/* Lets w write the key log, so that no session waits for the file; w must outlive tls. */
void tls_write_keylog(struct tls *tls, struct writer *w);

#endif
