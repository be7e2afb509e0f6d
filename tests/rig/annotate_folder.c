/* annotate_folder.c - the last pass of 'wedge run' over a folder of raw captures, from the shell:
 * annotate_folder FOLDER PHASE... */
#include "proxy/base/mem.h"
#include "scenarios/annotate/annotate.h"

int main(int argc, char **argv)
{
	struct result *r = xcalloc(1, sizeof(*r));
	struct err e = {""};
	int rc;

	if (argc < 3) {
		fprintf(stderr, "usage: annotate_folder FOLDER PHASE...\n");
		return 2;
	}
	r->nphases = (size_t)argc - 2;
	r->phases = xcalloc(r->nphases, sizeof(*r->phases));
	for (size_t i = 0; i < r->nphases; i++) {
		r->phases[i].name = xstrdup(argv[i + 2]);
		r->phases[i].client_capture = xasprintf("%s-client.pcapng", argv[i + 2]);
		r->phases[i].server_capture = xasprintf("%s-server.pcapng", argv[i + 2]);
	}
	rc = annotate_report(r, argv[1], &e);
	for (size_t i = 0; i < r->nnotes; i++)
		printf("%s\n", r->notes[i]);
	if (rc == -1)
		fprintf(stderr, "%s\n", e.text);
	result_free(r);
	return rc == -1;
}
