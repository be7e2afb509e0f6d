/* wbxml.h - binary XML (WAP-192-WBXML) as ActiveSync has it ([MS-ASWBXML]): elements by code page
 * and token, texts in line, no attributes and no string table. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_WBXML_H
#define WEDGE_SCENARIOS_WORKLOAD_WBXML_H

#include "proxy/base/err.h"
#include "scenarios/workload/http_text.h"

#define WBXML_TYPE     "application/vnd.ms-sync.wbxml"
#define WBXML_TEXT_MAX 128
#define WBXML_DEPTH    16

/* An element: its code page and its token there. */
#define WBXML(page, token) ((unsigned)(page) << 8 | (token))

enum wbxml_element {
	AIRSYNC_SYNC = WBXML(0, 0x05),
	AIRSYNC_ADD = WBXML(0, 0x07),
	AIRSYNC_SYNC_KEY = WBXML(0, 0x0b),
	AIRSYNC_SERVER_ID = WBXML(0, 0x0d),
	AIRSYNC_STATUS = WBXML(0, 0x0e),
	AIRSYNC_COLLECTION = WBXML(0, 0x0f),
	AIRSYNC_CLASS = WBXML(0, 0x10),
	AIRSYNC_COLLECTION_ID = WBXML(0, 0x12),
	AIRSYNC_GET_CHANGES = WBXML(0, 0x13),
	AIRSYNC_WINDOW_SIZE = WBXML(0, 0x15),
	AIRSYNC_COMMANDS = WBXML(0, 0x16),
	AIRSYNC_COLLECTIONS = WBXML(0, 0x1c),
	AIRSYNC_APPLICATION_DATA = WBXML(0, 0x1d),
	EMAIL_SUBJECT = WBXML(2, 0x14),
	EMAIL_READ = WBXML(2, 0x15),
	EMAIL_FROM = WBXML(2, 0x18),
	FOLDER_DISPLAY_NAME = WBXML(7, 0x07),
	FOLDER_SERVER_ID = WBXML(7, 0x08),
	FOLDER_PARENT_ID = WBXML(7, 0x09),
	FOLDER_TYPE = WBXML(7, 0x0a),
	FOLDER_STATUS = WBXML(7, 0x0c),
	FOLDER_CHANGES = WBXML(7, 0x0e),
	FOLDER_ADD = WBXML(7, 0x0f),
	FOLDER_SYNC_KEY = WBXML(7, 0x12),
	FOLDER_SYNC = WBXML(7, 0x16),
	FOLDER_COUNT = WBXML(7, 0x17),
	PING = WBXML(13, 0x05),
	PING_STATUS = WBXML(13, 0x07),
	PING_HEARTBEAT = WBXML(13, 0x08),
	PING_FOLDERS = WBXML(13, 0x09),
	PING_FOLDER = WBXML(13, 0x0a),
	PING_ID = WBXML(13, 0x0b),
	PING_CLASS = WBXML(13, 0x0c),
};

/* A document being written, into text; begins with wbxml_begin. */
struct wbxml {
	struct http_text *text;
	unsigned page;
};

void wbxml_begin(struct wbxml *w, struct http_text *text);
void wbxml_open(struct wbxml *w, enum wbxml_element element);
void wbxml_close(struct wbxml *w);

/* Adds an element with that text; or an empty one. */
void wbxml_text(struct wbxml *w, enum wbxml_element element, const char *text);
void wbxml_empty(struct wbxml *w, enum wbxml_element element);

/* Tells each element when it ends, with its text, cut to fit. -1 with *e where the bytes are no
 * whole document. */
int wbxml_read(const char *data, size_t len,
	       void (*element)(void *arg, unsigned element, const char *text), void *arg,
	       struct err *e) WG_MUSTUSE;

#endif
