/* fuzz_annotate.c - diagnosis, comments and the copy of any file that begins like a capture: the
 * copy is a capture of as many packets, in which the same is found.
 * LAYER: wedge_proof_comments
 * ROUNDS: 600 of each seed. */
#include "proxy/base/mem.h"
#include "scenarios/proof_comments/commented_copy.h"
#include "scenarios/proof_comments/proof_comments.h"

#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct diagnosis_question question = {.ranked = 4, .each = true};

static void check_copy(const char *copy, const struct diagnosis *d)
{
	struct diagnosis again;
	struct err e;

	BUG_ON(diagnosis_ask(copy, &question, &again, &e) == -1);
	BUG_ON(again.stream.packets != d->stream.packets);
	BUG_ON(again.stream.tcp_packets != d->stream.tcp_packets);
	BUG_ON(again.proofs.n != d->proofs.n || again.all.time != d->all.time);
	diagnosis_fini(&again);
}

static void annotate_copy(const char *path, const struct diagnosis *d)
{
	char *copy = xasprintf("%s.pcapng", path), *summary;
	struct comments comments = {NULL};
	struct err e = {""};
	uint64_t unplaced;

	proof_comments_add(d, &comments);
	summary = proof_comments_summary(d->proofs.left_out, &comments);
	if (commented_copy_write(path, copy, &comments, summary, &unplaced, &e) == 0)
		check_copy(copy, d);
	else
		BUG_ON(!e.text[0]);
	free(summary);
	comments_free(&comments);
	unlink(copy);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/wedge-fuzz-XXXXXX";
	struct diagnosis d;
	struct err e = {""};
	int fd = mkstemp(path);

	BUG_ON(fd == -1 || write(fd, data, size) != (ssize_t)size);
	close(fd);
	if (diagnosis_ask(path, &question, &d, &e) == -1) {
		BUG_ON(!e.text[0]);
	} else {
		annotate_copy(path, &d);
		diagnosis_fini(&d);
	}
	unlink(path);
	return 0;
}
