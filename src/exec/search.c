/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/search.h"

#include <math.h>
#include <string.h>

enum { OUTWARD_MAX = 16, SCANNED = 8 };
static const double outward = 1.5; /* the factor of each step where no range is given */

static double rounded(const struct search *search, double x)
{
	return search->round(search->host, x);
}

/* The first point that is not below x. */
static int place_of(const struct search *search, double x)
{
	int at = 0;
	while (at < search->points && search->point[at].x < x)
		at++;
	return at;
}

const struct search_point *search_at(const struct search *search, double x)
{
	x = rounded(search, x);
	int at = place_of(search, x);
	return at < search->points && search->point[at].x == x ? &search->point[at] : NULL;
}

/* Tries x, unless it was; NULL when that cannot be or was interrupted. */
static const struct search_point *try(struct search *search, double x, struct err *err)
{
	const struct search_point *known = search_at(search, x);
	if (known)
		return known;
	if (search->points == SEARCH_POINTS_MAX) {
		err_add(err, ERR_INCONCLUSIVE, NULL, "more than %d values were tried", SEARCH_POINTS_MAX);
		return NULL;
	}
	struct search_point point = {.x = rounded(search, x)};
	if (!search->try(search->host, &point, err))
		return NULL;
	int at = place_of(search, point.x);
	memmove(&search->point[at + 1], &search->point[at], (size_t)(search->points - at) * sizeof(*search->point));
	search->point[at] = point;
	search->points++;
	return &search->point[at];
}

static double middle(const struct search *search, double low, double high)
{
	return rounded(search, low > 0 && high / low > 4 ? sqrt(low * high) : low + (high - low) / 2);
}

static bool narrow(const struct search *search, double low, double high)
{
	double mid = middle(search, low, high);
	return mid <= low || mid >= high || high - low <= search->within * fmax(fabs(low), fabs(high));
}

/* Narrows [*low, *high] around the place where `differs` changes from its value at *low to that at *high. */
static bool bisect(struct search *search, double *low, double *high, bool (*differs)(const struct search_point *point),
		   struct err *err)
{
	const struct search_point *point = try(search, *low, err);
	if (!point)
		return false;
	bool at_low = differs(point);
	while (!narrow(search, *low, *high)) {
		double mid = middle(search, *low, *high);
		if (!(point = try(search, mid, err)))
			return false;
		*(differs(point) == at_low ? low : high) = mid;
	}
	return true;
}

static bool holds(const struct search_point *point)
{
	return point->holds;
}

static bool surely_yes(const struct search_point *point)
{
	return point->verdict == VERDICT_YES;
}

static bool surely_no(const struct search_point *point)
{
	return point->verdict == VERDICT_NO;
}

/* The steps in one direction; *met when the bracket was found. False when a try was interrupted. */
static bool step(struct search *search, double start, int direction, double *low, double *high, bool *met)
{
	bool at_start = search_at(search, start)->holds;
	double before = start;
	*met = false;
	for (int i = 0; i < OUTWARD_MAX; i++) {
		struct err refused;
		double x = rounded(search, direction > 0 ? before * outward : before / outward);
		if (x == before)
			x = rounded(search, before + direction);
		if (x == before)
			return true;
		err_init(&refused);
		const struct search_point *point = try(search, x, &refused);
		if (!point)
			return err_any(&refused);
		if (point->holds != at_start) {
			*low = direction > 0 ? before : x;
			*high = direction > 0 ? x : before;
			*met = true;
			return true;
		}
		before = x;
	}
	return true;
}

/* With both ends given: they differ, or some neighbours between them do. NaN when nothing does. */
static bool scan(struct search *search, double *low, double *high, struct err *err)
{
	double from = *low, to = *high;
	const struct search_point *point = try(search, from, err);
	if (!point)
		return false;
	bool before = point->holds;
	if (!(point = try(search, to, err)))
		return false;
	if (point->holds != before)
		return true;
	for (int i = 1; i < SCANNED; i++) {
		bool log = from > 0 && to / from > 10;
		double x = log ? from * pow(to / from, (double)i / SCANNED) : from + (to - from) * i / SCANNED;
		if (!(point = try(search, x, err)))
			return false;
		*high = point->x;
		if (point->holds != before)
			return true;
		*low = point->x;
	}
	*low = *high = NAN;
	return true;
}

/* Where `differs` begins, from the bracket outward; infinite when nowhere that was tried. */
static bool find_end(struct search *search, double from, bool up, bool (*differs)(const struct search_point *point),
		     double *end, struct err *err)
{
	double inside = from;
	*end = up ? INFINITY : -INFINITY;
	for (int i = 0; i < search->points; i++) {
		const struct search_point *point = &search->point[up ? i : search->points - 1 - i];
		if (up ? point->x < from : point->x > from)
			continue;
		if (differs(point)) {
			*end = point->x;
			break;
		}
		inside = point->x;
	}
	if (!isfinite(*end) || *end == inside)
		return true;
	double low = up ? inside : *end, high = up ? *end : inside;
	if (!bisect(search, &low, &high, differs, err))
		return false;
	*end = up ? high : low;
	return true;
}

/* Narrows a bracket, and finds the interval around it. */
static bool settle(struct search *search, double low, double high, struct search_result *result, struct err *err)
{
	if (!bisect(search, &low, &high, holds, err))
		return false;
	result->found = true;
	result->holds_below = search_at(search, low)->holds;
	result->below = low;
	result->above = high;
	result->at = search->whole ? (result->holds_below ? low : high) : rounded(search, (low + high) / 2);
	return find_end(search, low, false, result->holds_below ? surely_yes : surely_no, &result->low, err) &&
	       find_end(search, high, true, result->holds_below ? surely_no : surely_yes, &result->high, err);
}

bool search_between(struct search *search, double from, double to, struct search_result *result, struct err *err)
{
	*result = (struct search_result){.found = false};
	if (!scan(search, &from, &to, err))
		return false;
	return isnan(from) || settle(search, from, to, result, err);
}

bool search_outward(struct search *search, double start, struct search_result *result, struct err *err)
{
	double low, high;
	bool met = false;
	*result = (struct search_result){.found = false};
	start = rounded(search, start);
	if (!try(search, start, err))
		return false;
	for (int direction = 1; direction >= -1 && !met; direction -= 2)
		if (!step(search, start, direction, &low, &high, &met))
			return false;
	return !met || settle(search, low, high, result, err);
}
