/* packet_comments.c - blocks are walked until the last frame that was asked for. */
#include "scenarios/shown_connection/packet_comments.h"

#include "proxy/base/mem.h"
#include "scenarios/base/mapped.h"
#include "scenarios/base/pcapng_blocks.h"

#include <stdlib.h>
#include <string.h>

int packet_comments_read(const char *path, const uint32_t *frames, size_t n, char **texts,
			 struct err *e)
{
	struct pcapng_walk walk = {0};
	struct pcapng_block b;
	struct mapped file;
	size_t next = 0;
	uint32_t frame = 0;
	int rc;

	memset(texts, 0, n * sizeof(*texts));
	if (mapped_open(&file, path, e) == -1)
		return -1;
	walk.data = file.data;
	walk.len = file.len;
	while (next < n && (rc = pcapng_next(&walk, &b, e)) == 1) {
		if (b.kind != PCAPNG_PACKET)
			continue;
		frame++;
		while (next < n && frames[next] < frame)
			next++;
		if (next < n && frames[next] == frame)
			texts[next++] = pcapng_comment(&b);
	}
	mapped_close(&file);
	return 0;
}

size_t packet_comments_list(const char *path, uint32_t **frames)
{
	struct pcapng_walk walk = {0};
	size_t n = 0, room = 0;
	struct pcapng_block b;
	struct mapped file;
	uint32_t frame = 0;
	struct err e;

	*frames = NULL;
	if (mapped_open(&file, path, &e) == -1)
		return 0;
	walk.data = file.data;
	walk.len = file.len;
	while (pcapng_next(&walk, &b, &e) == 1) {
		char *text = b.kind == PCAPNG_PACKET ? pcapng_comment(&b) : NULL;

		frame += b.kind == PCAPNG_PACKET;
		if (!text)
			continue;
		free(text);
		if (n == room) {
			room = room ? 2 * room : 64;
			*frames = xrealloc(*frames, room, sizeof(**frames));
		}
		(*frames)[n++] = frame;
	}
	mapped_close(&file);
	return n;
}
