/* analyze_annotate.c - the comments of all diagnoses in one copy. */
#include "scenarios/cli/analyze_annotate.h"

#include "scenarios/proof_comments/commented_copy.h"
#include "scenarios/proof_comments/proof_comments.h"

#include <inttypes.h>
#include <stdio.h>

int analyze_annotate(const char *from, const char *to, const struct diagnosis *const *d, size_t n,
		     struct err *e)
{
	struct comments comments = {NULL};
	uint64_t unplaced, left_out = 0;
	char *summary;
	int rc;

	for (size_t i = 0; i < n; i++) {
		proof_comments_add(d[i], &comments);
		left_out += d[i]->proofs.left_out;
	}
	summary = proof_comments_summary(left_out, &comments);
	rc = commented_copy_write(from, to, &comments, summary, &unplaced, e);
	free(summary);
	comments_free(&comments);
	if (rc == 0 && unplaced)
		fprintf(stderr,
			"wedge: %" PRIu64
			" frame%s of %s without a comment: the format has no place "
			"for one in %s (Simple Packet Block)\n",
			unplaced, unplaced == 1 ? "" : "s", to, unplaced == 1 ? "it" : "them");
	return rc;
}
