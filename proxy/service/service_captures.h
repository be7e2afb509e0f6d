/* service_captures.h - the captures that are started and stopped while a service runs, and their
 * files until they are fetched or removed. Nothing waits for a capture: it begins, and its file is
 * written, beside the loop. Knows no packets and no HTTP. */
#ifndef WEDGE_SERVICE_SERVICE_CAPTURES_H
#define WEDGE_SERVICE_SERVICE_CAPTURES_H

#include "proxy/base/capture.h"
#include "proxy/base/dir.h"
#include "proxy/base/line_copies.h"
#include "proxy/service/service.h"

struct service_captures;

enum service_capture_state {
	CAPTURE_STARTING,
	CAPTURE_RUNNING,
	CAPTURE_WRITING, /* it captures no more, and its file isn't there yet */
	CAPTURE_WRITTEN,
	CAPTURE_FAILED /* it has no file */
};

/* Everything stays the caller's and must outlive the captures. */
struct service_captures_env {
	const struct capture_ops *ops; /* NULL: this wedge has none */
	const struct log *log;
	struct loop *loop;
	struct journal *journal;
	struct line_copies *secrets;
	struct service *service;
};

/* NULL with *e. */
struct service_captures *service_captures_new(const struct service_captures_env *env,
					      struct err *e) WG_MUSTUSE;

/* Discards what is captured, waits for what is being written, and removes all files. To be called
 * before the loop, the journal and the service end; NULL is fine. */
void service_captures_free(struct service_captures *cs);

/* Before and after a change of the service (service_capture.h); NULL is fine. */
void service_captures_widen(struct service_captures *cs);
void service_captures_narrow(struct service_captures *cs);

/* Why something can't be done: it isn't there; not in the state that it is in now; not in this
 * wedge at all, or not here. */
enum service_capture_refusal { CAPTURE_UNKNOWN = -1, CAPTURE_NOT_NOW = -2, CAPTURE_NEVER = -3 };

/* Starts a capture of all sessions, of those that are open, too. 0 with its number, which is
 * CAPTURE_STARTING; or a service_capture_refusal with *e. */
int service_captures_start(struct service_captures *cs, uint64_t *number, struct err *e) WG_MUSTUSE;

/* Ends a capture that is running: its file is written. The same. */
int service_captures_stop(struct service_captures *cs, uint64_t number, struct err *e) WG_MUSTUSE;

/* Removes a capture with its file; one that is running is discarded. The same. */
int service_captures_remove(struct service_captures *cs, uint64_t number, struct err *e) WG_MUSTUSE;

/* What is in a file: both legs, or, where Wireshark would take them for one connection, one. */
enum service_capture_part { CAPTURE_BOTH, CAPTURE_OF_CLIENT, CAPTURE_OF_SERVER, CAPTURE_PARTS };

/* Texts are the capture's, and valid until it changes. */
struct service_capture_info {
	uint64_t number;
	enum service_capture_state state;
	double began, ended;	 /* seconds since 1970; ended is 0 while it runs */
	const char *told;	 /* what is in the file, in words; NULL: not known */
	const char *why;	 /* what went wrong; NULL: nothing */
	int file[CAPTURE_PARTS]; /* descriptors, the captures'; -1: there is no such file */
};

/* Describes capture i, in the order of their beginnings. false: there are at most i. */
bool service_captures_info(const struct service_captures *cs, size_t i,
			   struct service_capture_info *out);

#endif
