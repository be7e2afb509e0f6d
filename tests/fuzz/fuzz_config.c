/* fuzz_config.c - the readers of both configurations on any file: each takes it whole or refuses it
 * in one line.
 * LAYER: wedge_impairments
 * ROUNDS: 1000 of each seed. */
#include "impairments/live/impairments_ops.h"
#include "proxy/config/config_load.h"

#include <string.h>
#include <unistd.h>

/* libfyaml 0.7.12 loses 512 bytes and more when it gives the text of a scalar in single quotes with
 * eight and more quotes in it (''): fy_token_get_text() alone does, without any of wedge's code. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(int rc, const struct err *e)
{
	BUG_ON(rc == -1 && (!e->text[0] || strchr(e->text, '\n')));
}

static void load_proxy(const char *path)
{
	struct err e = {""};
	struct config c;

	config_init(&c, &impairments_ops);
	check_words(config_load(&c, path, &e), &e);
	config_fini(&c);
}

static void load_exec(const char *path)
{
	struct err e = {""};
	struct config c;

	config_init(&c, &impairments_ops);
	check_words(config_load_exec(&c, config_add(&c, "exec"), path, &e), &e);
	config_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/wedge-fuzz-XXXXXX.yaml";
	int fd = mkstemps(path, 5);

	BUG_ON(fd == -1 || write(fd, data, size) != (ssize_t)size);
	close(fd);
	load_proxy(path);
	load_exec(path);
	unlink(path);
	return 0;
}
