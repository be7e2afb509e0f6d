/* test_http_guard.c - who may speak with the API, and where a request goes.
 * LAYER: wedge_api */
#include "proxy/api/http_guard.h"
#include "proxy/api/http_path.h"
#include "proxy/base/attrs.h"

#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int status_of(const char *host, const char *origin, const char *site,
		     const char *authorization, const char *token)
{
	const struct http_guard_headers h = {host, origin, site, authorization};
	int status;

	return http_guard_refuses(&h, token, &status) ? status : 0;
}

static void only_this_hosts_names_are_served_without_a_token(void **state)
{
	(void)state;
	assert_int_equal(status_of(NULL, NULL, NULL, NULL, NULL), 0);
	assert_int_equal(status_of("localhost:8474", NULL, NULL, NULL, NULL), 0);
	assert_int_equal(status_of("LOCALHOST", NULL, NULL, NULL, NULL), 0);
	assert_int_equal(status_of("127.0.0.1:8474", NULL, NULL, NULL, NULL), 0);
	assert_int_equal(status_of("[::1]:8474", NULL, NULL, NULL, NULL), 0);
	assert_int_equal(status_of("192.0.2.1", NULL, NULL, NULL, NULL), 0);
	assert_int_equal(status_of("rebound.example", NULL, NULL, NULL, NULL), 403);
	assert_int_equal(status_of("localhost.example:8474", NULL, NULL, NULL, NULL), 403);
	assert_int_equal(status_of("127.0.0.1.example", NULL, NULL, NULL, NULL), 403);
	assert_int_equal(status_of("", NULL, NULL, NULL, NULL), 403);
	assert_int_equal(status_of("[::1", NULL, NULL, NULL, NULL), 403);
}

static void other_sites_pages_are_refused_with_a_token_too(void **state)
{
	static const char token[] = "0123456789abcdef", shown[] = "Bearer 0123456789abcdef";

	(void)state;
	assert_int_equal(status_of("localhost:1", "http://evil.example", NULL, NULL, NULL), 403);
	assert_int_equal(status_of("localhost:1", "null", NULL, NULL, NULL), 403);
	assert_int_equal(status_of("localhost:1", "http://localhost:2", NULL, NULL, NULL), 403);
	assert_int_equal(status_of("localhost:1", "https://localhost:1", NULL, NULL, NULL), 403);
	assert_int_equal(status_of("localhost:1", "http://localhost:1", NULL, NULL, NULL), 0);
	assert_int_equal(status_of("localhost:1", NULL, "cross-site", NULL, NULL), 403);
	assert_int_equal(status_of("localhost:1", NULL, "same-site", NULL, NULL), 403);
	assert_int_equal(status_of("localhost:1", NULL, "same-origin", NULL, NULL), 0);
	assert_int_equal(status_of("localhost:1", NULL, "none", NULL, NULL), 0);
	assert_int_equal(status_of("lab.example", "http://evil.example", NULL, shown, token), 403);
	assert_int_equal(status_of("lab.example", NULL, NULL, shown, token), 0);
}

static void the_token_must_be_shown_whole(void **state)
{
	static const char token[] = "0123456789abcdef";

	(void)state;
	assert_int_equal(status_of("a", NULL, NULL, NULL, token), 401);
	assert_int_equal(status_of("a", NULL, NULL, "Bearer 0123456789abcde", token), 401);
	assert_int_equal(status_of("a", NULL, NULL, "Bearer 0123456789abcdefg", token), 401);
	assert_int_equal(status_of("a", NULL, NULL, "Bearer 0123456789abcdeF", token), 401);
	assert_int_equal(status_of("a", NULL, NULL, "Bearer ", token), 401);
	assert_int_equal(status_of("a", NULL, NULL, "Basic 0123456789abcdef", token), 401);
	assert_int_equal(status_of("a", NULL, NULL, "bearer 0123456789abcdef", token), 0);
}

static void a_token_is_a_files_first_line(void **state)
{
	static const struct {
		const char *content;
		bool good;
	} rows[] = {{"0123456789abcdef\nrest", true}, {"0123456789abcdef", true},
		    {"0123456789abcdef\r\n", true},   {"short\n", false},
		    {"0123456789 abcdef\n", false},   {"", false}};
	char path[] = "/tmp/wedge-test-XXXXXX";
	int fd = mkstemp(path);
	struct err e;

	(void)state;
	assert_int_not_equal(fd, -1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *token;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, rows[i].content, strlen(rows[i].content), 0),
				 (int)strlen(rows[i].content));
		token = http_guard_read_token(path, &e);
		assert_int_equal(token != NULL, rows[i].good);
		if (token)
			assert_string_equal(token, "0123456789abcdef");
		free(token);
	}
	close(fd);
	unlink(path);
	assert_null(http_guard_read_token(path, &e));
	assert_null(http_guard_read_token("/dev/null", &e));
}

static void paths_are_decoded_and_cleaned(void **state)
{
	static const struct {
		const char *target, *path, *clean;
	} rows[] = {
	    {"/proxies", "/proxies", "/proxies"},
	    {"/proxies?x=/a", "/proxies", "/proxies"},
	    {"/a%20b%2Fc", "/a b/c", "/a b/c"},
	    {"//a///b", "//a///b", "/a/b"},
	    {"/a/", "/a/", "/a/"},
	    {"/a//", "/a//", "/a/"},
	    {"/..", "/..", "/"},
	    {"/a/../../b/./c/..", "/a/../../b/./c/..", "/b"},
	    {"", "/", "/"},
	    {"http://localhost:1/x", "/x", "/x"},
	    {"http://localhost:1", "/", "/"},
	    {"/x#y", "/x", "/x"},
	    {"/%zz", NULL, NULL},
	    {"/%4", NULL, NULL},
	    {"/%", NULL, NULL},
	    {"/a%00b", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *path = http_path_decode(rows[i].target), *clean;

		if (!rows[i].path) {
			assert_null(path);
			continue;
		}
		assert_string_equal(path, rows[i].path);
		clean = http_path_clean(path);
		assert_string_equal(clean, rows[i].clean);
		free(clean);
		free(path);
	}
}

static void a_location_is_encoded_and_keeps_the_query(void **state)
{
	char *location = http_path_location("/a b/\xc3\xa9%", "//a%20b//x?q=1&r=\"#f");

	(void)state;
	assert_string_equal(location, "/a%20b/%C3%A9%25?q=1&r=\"");
	free(location);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_this_hosts_names_are_served_without_a_token),
	    cmocka_unit_test(other_sites_pages_are_refused_with_a_token_too),
	    cmocka_unit_test(the_token_must_be_shown_whole),
	    cmocka_unit_test(a_token_is_a_files_first_line),
	    cmocka_unit_test(paths_are_decoded_and_cleaned),
	    cmocka_unit_test(a_location_is_encoded_and_keeps_the_query),
	};

	return cmocka_run_group_tests_name("http_guard", tests, NULL, NULL);
}
