/* place.c - in a host, wedge has that host's program on one leg, and the network, which both
 * captures are of, on the other one. */
#include "scenarios/scenario/place.h"

#include <stddef.h>

const char *const place_names[] = {"path", "client", "server", NULL};

enum leg place_leg(enum place place, enum leg vantage)
{
	if (place == PLACE_PATH)
		return vantage;
	return place == PLACE_CLIENT ? LEG_SERVER : LEG_CLIENT;
}
