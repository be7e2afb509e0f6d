/* test_machine_memory.c - limits of control groups, read from a folder that stands for /.
 * LAYER: wedge_base */
#include "proxy/base/machine_memory.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char root[64];

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
	out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out, "%s\n", text);
	assert_int_equal(fclose(out), 0);
}

static int begin(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/memory-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int finish(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void without_groups_it_is_the_machines(void **state)
{
	(void)state;
	assert_true(machine_memory(root) > 1 << 20);
	put("proc/self/cgroup", "0::/");
	put("sys/fs/cgroup/memory.max", "max");
	assert_true(machine_memory(root) > 1 << 20);
}

static void a_group_above_counts_too(void **state)
{
	(void)state;
	put("proc/self/cgroup", "0::/a/b");
	put("sys/fs/cgroup/a/b/memory.max", "3000000");
	assert_int_equal(machine_memory(root), 3000000);
	put("sys/fs/cgroup/a/memory.max", "2000000");
	assert_int_equal(machine_memory(root), 2000000);
	put("sys/fs/cgroup/memory.max", "1000000");
	assert_int_equal(machine_memory(root), 1000000);
}

static void version_1_has_a_folder_of_its_own(void **state)
{
	(void)state;
	put("proc/self/cgroup", "5:cpu:/x\n4:memory:/y");
	put("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1000000");
	put("sys/fs/cgroup/memory/y/memory.limit_in_bytes", "4000000");
	assert_int_equal(machine_memory(root), 4000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(without_groups_it_is_the_machines, begin, finish),
	    cmocka_unit_test_setup_teardown(a_group_above_counts_too, begin, finish),
	    cmocka_unit_test_setup_teardown(version_1_has_a_folder_of_its_own, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
