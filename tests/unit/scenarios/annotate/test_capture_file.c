/* test_capture_file.c - one capture out of raw ones: secrets before the packets, in blocks that
 * readers take; whole or not at all. LAYER: wedge_annotate */
#include "scenarios/annotate/capture_file.h"

#include "proxy/base/mem.h"
#include "scenarios/base/pcapng_blocks.h"
#include "scenarios/base/pcapng_format.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
	char path[64];
	struct pcapng_buf raw;
	struct comments comments;
	struct capture_source source;
};

static int set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	int fd;

	snprintf(w->path, sizeof(w->path), "/tmp/wedge-test-capture-XXXXXX");
	fd = mkstemp(w->path);
	close(fd);
	pcapng_section(&w->raw, PCAPNG_APPLICATION, NULL, NULL);
	pcapng_interface(&w->raw, PCAPNG_LINKTYPE_ETHERNET, 0, "x", NULL);
	pcapng_packet(&w->raw, 0, 1, (const uint8_t *)"packet", 6, 6, NULL);
	w->source = (struct capture_source){{w->raw.data, w->raw.len}, &w->comments};
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	unlink(w->path);
	free(w->raw.data);
	free(w);
	return 0;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

/* Walks what was written; every secrets block's text goes to text. How many there are; all stand
 * before the packet. */
static size_t read_secrets(const struct world *w, struct pcapng_buf *text)
{
	struct pcapng_walk walk = {.at = 0};
	int fd = open(w->path, O_RDONLY);
	bool packet = false;
	struct mapped m;
	struct pcapng_block b;
	size_t n = 0;

	assert_int_equal(mapped_file(&m, fd, NULL), 0);
	close(fd);
	walk.data = m.data;
	walk.len = m.len;
	while (pcapng_next(&walk, &b, NULL) == 1) {
		uint32_t head[4];

		packet |= b.kind == PCAPNG_PACKET;
		memcpy(head, b.bytes, sizeof(head));
		if (head[0] != BLOCK_SECRETS)
			continue;
		assert_false(packet);
		assert_true(b.len < 16u << 20);
		assert_int_equal(head[2], SECRETS_TLS_KEY_LOG);
		assert_int_equal(b.bytes[16 + head[3] - 1], '\n');
		pcapng_put(text, b.bytes + 16, head[3]);
		n++;
	}
	assert_true(packet);
	mapped_close(&m);
	return n;
}

static void many_secrets_are_blocks_of_whole_lines(void **state)
{
	struct pcapng_buf keys = {.len = 0}, found = {.len = 0};
	struct world *w = *state;
	char line[180];

	memset(line, 'k', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	while (keys.len < 9u << 20)
		pcapng_put(&keys, line, sizeof(line));
	assert_int_equal(capture_file_write(w->path, &w->source, 1, "x",
					    &(struct mapped){keys.data, keys.len}, NULL),
			 0);
	assert_int_equal(read_secrets(w, &found), 3);
	assert_int_equal(found.len, keys.len);
	assert_memory_equal(found.data, keys.data, keys.len);
	assert_int_equal(mode_of(w->path), 0600);
	free(keys.data);
	free(found.data);
}

static void without_secrets_the_mode_is_the_users(void **state)
{
	struct pcapng_buf found = {.len = 0};
	struct world *w = *state;
	mode_t mask = umask(027);

	assert_int_equal(
	    capture_file_write(w->path, &w->source, 1, "x", &(struct mapped){NULL, 0}, NULL), 0);
	umask(mask);
	assert_int_equal(read_secrets(w, &found), 0);
	assert_int_equal(mode_of(w->path), 0640);
}

static void a_broken_capture_leaves_the_file_as_it_was(void **state)
{
	struct world *w = *state;
	struct stat st;
	struct err e;

	w->source.raw.len -= 8;
	assert_int_equal(
	    capture_file_write(w->path, &w->source, 1, "x", &(struct mapped){NULL, 0}, &e), -1);
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_size, 0);
}

/* The first letters of the packets, in the order of the file. */
static void read_letters(const struct world *w, char *letters)
{
	const size_t head = 28; /* of an enhanced packet block */
	struct pcapng_walk walk = {.at = 0};
	struct pcapng_block b;
	struct mapped m;
	int fd = open(w->path, O_RDONLY);

	assert_int_equal(mapped_file(&m, fd, NULL), 0);
	close(fd);
	walk.data = m.data;
	walk.len = m.len;
	while (pcapng_next(&walk, &b, NULL) == 1)
		if (b.kind == PCAPNG_PACKET)
			*letters++ = (char)b.bytes[head];
	*letters = '\0';
	mapped_close(&m);
}

/* Stamps of packets that were taken on two processors needn't ascend. */
static void one_capture_keeps_its_order_and_two_are_merged_by_time(void **state)
{
	struct capture_source both[2];
	struct world *w = *state;
	char letters[16];

	pcapng_packet(&w->raw, 0, 3, (const uint8_t *)"c", 1, 1, NULL);
	pcapng_packet(&w->raw, 0, 2, (const uint8_t *)"b", 1, 1, NULL);
	w->source.raw = (struct mapped){w->raw.data, w->raw.len};
	assert_int_equal(
	    capture_file_write(w->path, &w->source, 1, "x", &(struct mapped){NULL, 0}, NULL), 0);
	read_letters(w, letters);
	assert_string_equal(letters, "pcb");
	both[0] = both[1] = w->source;
	assert_int_equal(capture_file_write(w->path, both, 2, "x", &(struct mapped){NULL, 0}, NULL),
			 0);
	read_letters(w, letters);
	assert_string_equal(letters, "ppbbcc");
}

static void what_is_no_capture_of_wedges_keeps_its_name(void **state)
{
	struct world *w = *state;
	struct err e = {""};
	char *kept, text[8] = "";
	int fd = open(w->path, O_WRONLY);

	assert_int_equal(write(fd, "thesis", 6), 6);
	close(fd);
	assert_int_equal(
	    capture_file_write(w->path, &w->source, 1, "x", &(struct mapped){NULL, 0}, &e), -1);
	fd = open(w->path, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text)), 6);
	close(fd);
	assert_string_equal(text, "thesis");
	kept = strstr(e.text, w->path);
	assert_non_null(kept);
	kept[strlen(w->path) + 7] = '\0';
	assert_int_equal(unlink(kept), 0); /* the finished capture */
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FILE_TEST(many_secrets_are_blocks_of_whole_lines),
	    FILE_TEST(without_secrets_the_mode_is_the_users),
	    FILE_TEST(a_broken_capture_leaves_the_file_as_it_was),
	    FILE_TEST(what_is_no_capture_of_wedges_keeps_its_name),
	    FILE_TEST(one_capture_keeps_its_order_and_two_are_merged_by_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
