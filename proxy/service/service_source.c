/* service_source.c - the command line goes before the file, each time that this is read. */
#include "proxy/service/service_source.h"

#include "proxy/base/mem.h"
#include "proxy/config/config_load.h"

#include <string.h>
#include <sys/stat.h>

static void override_path(char **text, const char *with)
{
	if (!with)
		return;
	free(*text);
	*text = xstrdup(with);
}

void service_source_overrule(const struct service_source *src, struct config *c)
{
	if (src->seed.given) {
		c->seed = src->seed.n;
		c->seed_given = true;
	}
	if (src->hold_limit)
		c->hold_limit = src->hold_limit;
	if (src->workers.given)
		c->workers = src->workers.n;
	override_path(&c->journal, src->journal);
	override_path(&c->capture, src->capture);
}

int service_source_load(const struct service_source *src, struct config *c, struct err *e)
{
	config_init(c, src->impairments_ops);
	if (config_load(c, src->path, e) == -1)
		return -1;
	service_source_overrule(src, c);
	return 0;
}

int service_source_check_again(const struct service_source *src, struct err *e)
{
	struct stat st;

	if (strcmp(src->path, "-") == 0)
		return err_set(e, "the configuration came from standard input: it can't be read "
				  "again");
	if (stat(src->path, &st) == -1)
		return err_errno(e, "can't read %s", src->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s isn't a regular file: it can't be read again", src->path);
	return 0;
}
