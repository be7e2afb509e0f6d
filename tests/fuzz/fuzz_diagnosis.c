/* fuzz_diagnosis.c - all that wedge analyze tells of any file that begins like a capture: causes,
 * signatures, page and JSON. Its seeds are the reader's, among them captures of real connections.
 * LAYER: wedge_scenarios_cli
 * ROUNDS: 60 of each seed. */
#include "proxy/base/mem.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/diagnosis_report/json.h"
#include "scenarios/diagnosis_report/page.h"
#include "scenarios/match/match_page.h"
#include "scenarios/pairs/attribution.h"

#include <unistd.h>

#define RANKED 10

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void report(const struct diagnosis *d, const char *path, FILE *out)
{
	struct matches m;
	struct err e = {""};

	BUG_ON(matches_make(d, NULL, metric_known, &m, &e));
	match_page_write(&m, out);
	page_write(d, path, RANKED, out);
	BUG_ON(json_write(json_make(d, path, match_json(&m)), out, &e));
	matches_fini(&m);
}

/* The one file's two legs, or one of its interfaces and the other. */
static void pair(const char *path)
{
	const struct pair_question question = {
	    .sources = {{path, CAPTURE_LEG_NONE}, {path, CAPTURE_LEG_NONE}}};
	struct attribution a;
	struct err e = {""};

	if (attribution_read(&question, &a, &e) == 0)
		attribution_fini(&a);
	else
		BUG_ON(!e.text[0]);
}

/* The catalogue's signatures are read for it, which is a hundred times slower than all the rest. */
static bool wants_report(const uint8_t *data, size_t size)
{
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	return sum % 64 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/wedge-fuzz-XXXXXX";
	static FILE *nowhere;
	struct diagnosis d;
	struct err e = {""};
	int fd = mkstemp(path);

	BUG_ON(fd == -1 || write(fd, data, size) != (ssize_t)size);
	close(fd);
	nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
	if (diagnosis_read(path, RANKED, &d, &e) == 0) {
		if (wants_report(data, size))
			report(&d, path, nowhere);
		diagnosis_fini(&d);
	} else {
		BUG_ON(!e.text[0]);
	}
	pair(path);
	unlink(path);
	return 0;
}
