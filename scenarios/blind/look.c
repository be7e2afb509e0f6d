/* look.c - asks as a report asks for the frames that it names. */
#include "scenarios/blind/look.h"

#include "scenarios/annotate/shown_frames.h"

char *look_frames(const char *folder, const char *capture, const char *filter, size_t *found)
{
	struct result_look look = {.capture = (char *)capture, .filter = (char *)filter};

	find_look_frames(&look, folder);
	*found = look.found;
	return look.frames;
}
