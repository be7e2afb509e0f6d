/* commented_copy.c - a pcapng file is copied block by block, with an option more where there is a
 * comment; a pcap file's records become blocks. */
#include "scenarios/proof_comments/commented_copy.h"

#include "proxy/base/mem.h"
#include "scenarios/base/capture_output.h"
#include "scenarios/base/pcapng.h"
#include "scenarios/reader/pcap_records.h"
#include "scenarios/reader/pcapng_records.h"
#include "scenarios/reader/raw_block.h"

#include <stdlib.h>
#include <unistd.h>

#define FLUSH_BYTES ((size_t)256 << 10)
#define PIECE	    ((size_t)64 << 10)
#define MAGIC_BYTES 4

/* Not any capture of wedge's: a run's own is nothing to write over. */
static bool begins_copy(const char *start, size_t len)
{
	return capture_kind.begins(start, len) &&
	       memmem(start, len, COMMENTED_COPY_MARK, strlen(COMMENTED_COPY_MARK));
}

static const struct own_kind copy_kind = {.what = "an annotated copy", .begins = begins_copy};

struct copier {
	struct byte_source *source;
	struct capture_output out;
	const struct comments *comments;
	size_t comments_at;
	const char *section;
	bool begun; /* the first section was written */
	size_t frame;
	uint64_t unplaced;
};

static char *next_comment(struct copier *c)
{
	return comments_at(c->comments, &c->comments_at, ++c->frame);
}

/* Copies a block of any length. */
static int copy_block(struct copier *c, const struct raw_block *b)
{
	uint32_t left = b->len;

	while (left) {
		const uint8_t *at;
		size_t want = left < PIECE ? left : PIECE;
		size_t there = byte_source_peek(c->source, want, &at);

		if (there < want)
			return -1;
		pcapng_put(&c->out.buf, at, want);
		capture_output_flush(&c->out, FLUSH_BYTES);
		if (!byte_source_skip(c->source, want))
			return -1;
		left -= (uint32_t)want;
	}
	return 0;
}

/* Copies a packet with a comment before its other options. */
static int copy_commented(struct copier *c, struct raw_block *b, const char *comment)
{
	struct pcapng_buf *out = &c->out.buf;
	size_t start = out->len, options, end = b->len - TRAILER;
	struct err ignored;
	uint32_t len;

	if (raw_block_whole(c->source, b, &ignored) == -1 || b->len < PACKET_DATA + TRAILER)
		return -1;
	len = raw_block_u32(b, 20);
	options = PACKET_DATA + (((size_t)len + 3) & ~(size_t)3);
	if (len > b->len || options > end)
		return -1;
	pcapng_put(out, b->bytes, options);
	pcapng_put_text(out, OPT_COMMENT, comment);
	if (options == end)
		pcapng_put_option(out, OPT_END, NULL, 0);
	pcapng_put(out, b->bytes + options, end - options);
	pcapng_end(out, start);
	return byte_source_skip(c->source, b->len) ? 0 : -1;
}

static int copy_packet(struct copier *c, struct raw_block *b)
{
	char *comment = next_comment(c);
	int rc;

	if (comment && b->type != BLOCK_SIMPLE_PACKET) {
		rc = copy_commented(c, b, comment);
	} else {
		c->unplaced += comment != NULL;
		rc = copy_block(c, b);
	}
	free(comment);
	return rc;
}

/* Copies the options of a section but for its application, which becomes a part of the comment. */
static void put_section_options(struct copier *c, const struct raw_block *b)
{
	size_t at = SECTION_OPTIONS, from = at, value = 0;
	struct pcapng_buf *out = &c->out.buf;
	char *by = NULL, *comment;
	uint16_t len = 0;
	int code;

	while ((code = raw_block_option(b, &at, &value, &len)) > OPT_END) {
		if (code == SHB_APPLICATION && !by)
			by = xasprintf("%.*s", (int)len, (const char *)b->bytes + value);
		else
			pcapng_put(out, b->bytes + from, at - from);
		from = at;
	}
	comment = xasprintf("%s%s%s%s", c->section, by ? " Captured by " : "", by ? by : "",
			    by ? "." : "");
	pcapng_put_text(out, OPT_COMMENT, comment);
	pcapng_put_text(out, SHB_APPLICATION, PCAPNG_APPLICATION);
	pcapng_put_option(out, OPT_END, NULL, 0);
	free(comment);
	free(by);
}

/* Copies a section's header: comments make the section longer than it may say. */
static int copy_section(struct copier *c, struct raw_block *b)
{
	const uint64_t unspecified = UINT64_MAX;
	struct pcapng_buf *out = &c->out.buf;
	size_t start = out->len, end = b->len - TRAILER;
	struct err ignored;

	if (raw_block_whole(c->source, b, &ignored) == -1 || end < SECTION_OPTIONS)
		return -1;
	pcapng_put(out, b->bytes, SECTION_OPTIONS);
	memcpy(out->data + start + SECTION_LENGTH, &unspecified, sizeof(unspecified));
	if (!c->begun)
		put_section_options(c, b);
	else
		pcapng_put(out, b->bytes + SECTION_OPTIONS, end - SECTION_OPTIONS);
	c->begun = true;
	pcapng_end(out, start);
	return byte_source_skip(c->source, b->len) ? 0 : -1;
}

static int copy_next(struct copier *c, struct raw_block *b)
{
	switch (b->type) {
	case BLOCK_SECTION:
		return copy_section(c, b);
	case BLOCK_PACKET:
	case BLOCK_PACKET_OBSOLETE:
	case BLOCK_SIMPLE_PACKET:
		return copy_packet(c, b);
	case BLOCK_SECRETS:
		c->out.secret = true;
		return copy_block(c, b);
	default:
		return copy_block(c, b);
	}
}

/* Copies until the end, or until the file isn't one any more: the block that breaks off is left
 * out. */
static void copy_pcapng(struct copier *c)
{
	struct raw_block b;
	struct err ignored;
	bool swapped = false;
	size_t whole;

	while (raw_block_begin(&swapped, c->source, &b, &ignored) == 1) {
		capture_output_flush(&c->out, FLUSH_BYTES);
		whole = c->out.buf.len;
		c->out.buf.swapped = swapped;
		if (copy_next(c, &b) == -1) {
			c->out.buf.len = whole < c->out.buf.len ? whole : c->out.buf.len;
			return;
		}
	}
}

static int copy_pcap(struct copier *c, struct err *e)
{
	struct pcap_records records;
	struct capture_record r;
	struct err ignored;

	if (pcap_records_open(&records, c->source, e) == -1)
		return -1;
	pcapng_section(&c->out.buf, PCAPNG_APPLICATION, NULL, c->section);
	pcapng_interface(&c->out.buf, records.link_type, records.snaplen, NULL, NULL);
	while (pcap_records_next(&records, c->source, &r, &ignored) == 1) {
		char *comment = next_comment(c);

		pcapng_packet(&c->out.buf, 0, r.at, r.data, r.captured_len, r.wire_len, comment);
		capture_output_flush(&c->out, FLUSH_BYTES);
		free(comment);
	}
	return 0;
}

static int copy_capture(struct copier *c, struct err *e)
{
	const uint8_t *start;

	if (byte_source_peek(c->source, MAGIC_BYTES, &start) < MAGIC_BYTES)
		return err_set(e, "it is no capture");
	if (!pcapng_records_begin(start))
		return copy_pcap(c, e);
	copy_pcapng(c);
	return 0;
}

int commented_copy_check(const char *from, const char *to, struct err *e)
{
	struct capture_output out;

	if (own_file_is_same(from, to))
		return err_set(e, "%s is the capture itself; another name is expected", to);
	if (own_file_check_replace(to, &copy_kind, e) == -1)
		return -1;
	if (capture_output_open(&out, to, &copy_kind, e) == -1)
		return err_wrap(e, "%s", to);
	capture_output_abandon(&out);
	return 0;
}

int commented_copy_write(const char *from, const char *to, const struct comments *comments,
			 const char *section, uint64_t *unplaced, struct err *e)
{
	struct copier c = {.comments = comments, .section = section};
	int rc = byte_source_open(from, &c.source, e);

	if (rc == 0) {
		rc = capture_output_open(&c.out, to, &copy_kind, e);
		if (rc == 0 && copy_capture(&c, e) == -1) {
			capture_output_abandon(&c.out);
			rc = -1;
		} else if (rc == 0) {
			rc = capture_output_finish(&c.out, e);
		}
		byte_source_close(c.source);
	}
	*unplaced = c.unplaced;
	return rc == 0 ? 0 : err_wrap(e, "%s", to);
}
