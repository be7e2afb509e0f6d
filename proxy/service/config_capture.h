/* config_capture.h - the capture that belongs to a configuration at work: what it gets to read,
 * what it is to take, what is said of it. Knows no packets. */
#ifndef WEDGE_SERVICE_CONFIG_CAPTURE_H
#define WEDGE_SERVICE_CONFIG_CAPTURE_H

#include "proxy/service/capture.h"
#include "proxy/service/config_apply.h"

/* NULL, in every function here, is no capture. */
struct captured;

/* Begins it. ops NULL: refused, since this wedge has none. log must live on. */
struct captured *captured_new(const struct capture_ops *ops, const char *path,
			      const struct log *log, struct err *e) WG_MUSTUSE;

/* Right after journal_open. */
void captured_journal(struct captured *c, struct journal *j);

/* Where TLS's secrets go, or -1. */
int captured_secrets(const struct captured *c);

/* Says so if the capture fails. */
void captured_watch(struct captured *c, struct loop *loop);
void captured_unwatch(struct captured *c);

/* Before a change of the configuration, and after it: in between it takes everything, for what a
 * new listener's port will be is not known before. */
void captured_widen(struct captured *c);
/* config NULL: nothing has changed. */
void captured_narrow(struct captured *c, const struct config *config,
		     const struct running *running);

/* After journal_close. keep: the file is written, and a line says so. -1 with *e when it, or a part
 * of it, couldn't be. Frees c. */
int captured_end(struct captured *c, bool keep, struct err *e);

#endif
