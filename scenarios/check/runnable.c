/* runnable.c - the search of execvp(3), without the execution. */
#include "scenarios/check/runnable.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_USUAL "/bin:/usr/bin" /* execvp's, where PATH isn't set */

static int check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno;
	return S_ISREG(st.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

int runnable_check(const char *program)
{
	const char *path = getenv("PATH");
	char *list, *rest, *folder;
	int found = ENOENT;

	if (strchr(program, '/'))
		return check_file(program);
	list = rest = xstrdup(path ? path : PATH_USUAL);
	while (found && (folder = strsep(&rest, ":"))) {
		char *file = xasprintf("%s/%s", *folder ? folder : ".", program);

		if (access(file, F_OK) == 0) /* folders that can't be searched have nothing */
			found = check_file(file);
		free(file);
	}
	free(list);
	return found;
}
