/* catalog.c - a folder's names are those of its *.yaml files; the binary's are a table. */
#include "scenarios/scenario/catalog.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "scenarios/scenario/catalog_embedded.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX	     ".yaml"
#define SCENARIO_MAX (1 << 20) /* bytes of one file: no scenario is that long */

static int is_scenario(const struct dirent *d)
{
	size_t n = strlen(d->d_name), suffix = strlen(SUFFIX);

	return d->d_name[0] != '.' && n > suffix && strcmp(d->d_name + n - suffix, SUFFIX) == 0;
}

static int names_in(const char *dir, char ***names, size_t *n, struct err *e)
{
	struct dirent **found;
	int count = scandir(dir, &found, is_scenario, alphasort);

	if (count == -1)
		return err_errno(e, "the catalogue %s", dir);
	*names = xcalloc((size_t)count + 1, sizeof(char *));
	*n = (size_t)count;
	for (size_t i = 0; i < *n; i++) {
		const char *name = found[i]->d_name;

		(*names)[i] = xasprintf("%.*s", (int)(strlen(name) - strlen(SUFFIX)), name);
		free(found[i]);
	}
	free(found);
	return 0;
}

int catalog_names(const char *dir, char ***names, size_t *n, struct err *e)
{
	size_t count = 0;

	if (dir)
		return names_in(dir, names, n, e);
	while (catalog_embedded[count].name)
		count++;
	*names = xcalloc(count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++)
		(*names)[i] = xstrdup(catalog_embedded[i].name);
	*n = count;
	return 0;
}

void catalog_names_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static int refuse_name(const char *dir, const char *name, struct err *e)
{
	const char *near;
	char **names;
	size_t n;

	if (catalog_names(dir, &names, &n, e) == -1)
		return -1;
	near = nearest_name(name, (const char *const *)names);
	if (near)
		err_set(e, "there is no scenario '%.80s' (did you mean '%s'?)", name, near);
	else
		err_set(
		    e,
		    "there is no scenario '%.80s'; 'wedge list' shows the catalogue, and a file "
		    "is named by a path that ends in .yaml",
		    name);
	catalog_names_free(names, n);
	return -1;
}

static int read_file(const char *path, char **text, size_t *len, struct err *e)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	int rc = -1;

	if (!f)
		return err_errno(e, "%s", path);
	if (fstat(fileno(f), &st) == -1) {
		err_errno(e, "%s", path);
	} else if (!S_ISREG(st.st_mode) || st.st_size > SCENARIO_MAX) {
		err_set(e, "%s is no file of at most 1 MiB", path);
	} else {
		*text = xcalloc(1, (size_t)st.st_size + 1);
		*len = fread(*text, 1, (size_t)st.st_size, f);
		rc = ferror(f) ? err_errno(e, "%s", path) : 0;
		if (rc == -1)
			free(*text);
	}
	fclose(f);
	return rc;
}

static int text_in(const char *dir, const char *name, char **text, size_t *len, struct err *e)
{
	char *path = xasprintf("%s/%s" SUFFIX, dir, name);
	struct stat st;
	int rc;

	if (stat(path, &st) == -1 && errno == ENOENT)
		rc = refuse_name(dir, name, e);
	else
		rc = read_file(path, text, len, e);
	free(path);
	return rc;
}

int catalog_text(const char *dir, const char *name, char **text, size_t *len, struct err *e)
{
	if (dir)
		return text_in(dir, name, text, len, e);
	for (const struct catalog_entry *c = catalog_embedded; c->name; c++) {
		if (strcmp(c->name, name) != 0)
			continue;
		*text = xcalloc(1, c->len + 1);
		memcpy(*text, c->text, c->len);
		*len = c->len;
		return 0;
	}
	return refuse_name(dir, name, e);
}
