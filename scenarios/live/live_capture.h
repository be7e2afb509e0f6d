/* live_capture.h - the capture of "wedge proxy" (proxy/service/capture.h): libpcap on every
 * interface in a process of its own, which writes the annotated file when wedge ends, however it
 * ends. */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_CAPTURE_H
#define WEDGE_SCENARIOS_LIVE_LIVE_CAPTURE_H

#include "proxy/service/capture.h"
#include "scenarios/live/annotate_live.h"

extern const struct capture_ops live_capture;

/* live_process.c: the process. Never returns. path: of the file to be written. */
void live_process(const char *path, const struct live_files *files, int msg_fd)
    __attribute__((noreturn));

#endif
