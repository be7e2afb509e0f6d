/* folder.c - the list of names. */
#include "scenarios/blind/folder.h"

const char *const blind_files[BLIND_FILES] = {BLIND_COMPLAINT, BLIND_CLIENT, BLIND_SERVER,
					      BLIND_HEALTHY_CLIENT, BLIND_HEALTHY_SERVER};
