/* config_capture.h - the capture that belongs to a configuration at work: what it gets to read,
 * what it is to take, what is said of it. Knows no packets. */
#ifndef WEDGE_SERVICE_CONFIG_CAPTURE_H
#define WEDGE_SERVICE_CONFIG_CAPTURE_H

#include "proxy/service/capture.h"
#include "proxy/service/config_apply.h"

/* NULL, in every function here, is no capture. */
struct config_capture;

/* Begins it. ops NULL: refused, since this wedge has none. log must live on. */
struct config_capture *config_capture_new(const struct capture_ops *ops, const char *path,
					  const struct log *log, struct err *e) WG_MUSTUSE;

/* Right after journal_open. */
void config_capture_journal(struct config_capture *c, struct journal *j);

/* Where TLS's secrets go, or -1. */
int config_capture_secrets(const struct config_capture *c);

/* Says so if the capture fails. */
void config_capture_watch(struct config_capture *c, struct loop *loop);
void config_capture_unwatch(struct config_capture *c);

/* Before a change of the configuration, and after it: in between it takes everything, for what a
 * new listener's port will be is not known before. */
void config_capture_widen(struct config_capture *c);
/* config NULL: nothing has changed. */
void config_capture_narrow(struct config_capture *c, const struct config *config,
			   const struct service *running);

/* After journal_close. keep: the file is written, and a line says so. -1 with *e when it, or a part
 * of it, couldn't be. Frees c. */
int config_capture_end(struct config_capture *c, bool keep, struct err *e);

#endif
