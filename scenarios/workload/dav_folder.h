/* dav_folder.h - the folders of a mailbox as WebDAV tells of them (RFC 4918): their names, their
 * items, the 207 that lists them. Items are drawn by the seed and the folder's path. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_DAV_FOLDER_H
#define WEDGE_SCENARIOS_WORKLOAD_DAV_FOLDER_H

#include "scenarios/workload/http_text.h"

#define DAV_ITEM_MIN	 800 /* bytes of an item's entry in a list */
#define DAV_ITEM_MAX	 (64u << 10)
#define DAV_FOLDERS_MAX	 1024 /* of a mailbox */
#define DAV_SEGMENT_TEXT 32   /* room for one name in a path */

/* Writes the name of a mailbox, or of one of its folders, as it stands in a path; the latter may be
 * of two segments. out has DAV_SEGMENT_TEXT bytes. */
void dav_mailbox_name(uint64_t mailbox, char *out);
void dav_folder_name(uint64_t folder, char *out);

struct dav_folder {
	char path[256];	    /* ends with a slash */
	uint64_t number;    /* among the mailbox's; 0 where the path has none of their names */
	uint64_t seed;	    /* of its items */
	uint64_t items;	    /* that it holds */
	uint64_t low, high; /* bytes of an item's entry */
};

/* Finds what a request's target names: the folder, and the item in it, from 1 on, or 0: the folder
 * itself. seed is the server's. The number of its items is the caller's to set. */
uint64_t dav_folder_find(struct dav_folder *f, const char *target, uint64_t seed);

/* Adds the body of a 207: the folder, with all of its items if depth is 1; or, if item isn't 0,
 * that item alone. It is in chunks of so many bytes, the last of what is left, or in none with
 * chunk 0. Returns how many bytes are the document's end, or its last chunk and the empty one. */
size_t dav_folder_list(struct http_text *t, const struct dav_folder *f, uint64_t item, int depth,
		       size_t chunk);

/* Adds the item itself, a message of as many bytes as the list says. */
void dav_folder_message(struct http_text *t, const struct dav_folder *f, uint64_t item);

#endif
