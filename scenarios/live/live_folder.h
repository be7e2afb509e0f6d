/* live_folder.h - follows the report folder of a run that goes on: the raw captures and the
 * journal, as they grow, phase by phase. */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_FOLDER_H
#define WEDGE_SCENARIOS_LIVE_LIVE_FOLDER_H

#include "scenarios/live/live_view.h"

struct live_folder;

/* folder is a descriptor, which stays the caller's, and must last as long. out gets what is to be
 * shown. */
struct live_folder *live_folder_new(int folder, struct live_view *v, struct pcapng_buf *out);
void live_folder_free(struct live_folder *f); /* NULL is fine */

/* Takes what has been written since the last call. -1 with *e. */
int live_folder_read(struct live_folder *f, struct err *e) WG_MUSTUSE;

#endif
