/* password.c - one alphabet for all protocols. */
#include "scenarios/workload/password.h"

#include <string.h>

int password_check(const char *text, struct err *e)
{
	if (strlen(text) > 64)
		return err_set(e, "a password has at most 64 characters");
	for (const char *s = text; *s; s++)
		if (*s < ' ' || *s > '~')
			return err_set(e, "a password is ASCII");
	return 0;
}
