/* folder.h - what a blind folder holds: names that tell nothing, the same for every failure. */
#ifndef WEDGE_SCENARIOS_BLIND_FOLDER_H
#define WEDGE_SCENARIOS_BLIND_FOLDER_H

#include <stddef.h>

#define BLIND_COMPLAINT	     "complaint.txt"
#define BLIND_CLIENT	     "client.pcapng"
#define BLIND_SERVER	     "server.pcapng"
#define BLIND_HEALTHY_CLIENT "healthy-client.pcapng"
#define BLIND_HEALTHY_SERVER "healthy-server.pcapng"

#define BLIND_FILES 5
extern const char *const blind_files[BLIND_FILES]; /* what is sealed */

#endif
