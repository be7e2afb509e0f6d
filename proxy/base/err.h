/* err.h - one error as one line of text: set where it is known, given context on the way up. */
#ifndef WEDGE_BASE_ERR_H
#define WEDGE_BASE_ERR_H

#include "proxy/base/attrs.h"

struct err {
	char text[768];
};

/* Sets the text, with control characters escaped (text_print.h). Like the other two it returns -1,
 * so that "return err_set(e, ...)" is the whole error path, and takes a NULL e. */
int err_set(struct err *e, const char *fmt, ...) WG_PRINTF(2, 3);

/* Sets the text and appends ": " and strerror(errno). */
int err_errno(struct err *e, const char *fmt, ...) WG_PRINTF(2, 3);

/* Puts context and ": " before the text already in e. */
int err_wrap(struct err *e, const char *fmt, ...) WG_PRINTF(2, 3);

/* clang's analyzer sees one file at a time: these tell it that the three return -1. */
#ifdef __clang_analyzer__
#define err_set(...)   (err_set(__VA_ARGS__), -1)
#define err_errno(...) (err_errno(__VA_ARGS__), -1)
#define err_wrap(...)  (err_wrap(__VA_ARGS__), -1)
#endif

#endif
