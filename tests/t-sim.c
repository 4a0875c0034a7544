/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world: what happens in which order, when a replay ends, and that worlds do not know of each other. */
#include "engine/sim.h"
#include "tap.h"

enum { LOG = 4000 };

/* What happened, in order. */
struct log {
	int count;
	struct {
		char what;
		int64_t time;
		uint64_t number;
	} entry[LOG];
};

struct rows {
	struct row_source source;
	const int64_t *time;
	size_t count, at, most; /* at most so many rows at once; 0: as many as there is room for */
	int asked_after_end;
	bool ended;
};

static size_t fill(struct row_source *source, struct row *rows, size_t capacity)
{
	struct rows *from = (struct rows *)source;
	size_t filled = 0;
	from->asked_after_end += from->ended;
	while (filled < capacity && from->at < from->count && (!from->most || filled < from->most)) {
		rows[filled++] = (struct row){.time = from->time[from->at], .id = from->at};
		from->at++;
	}
	from->ended = filled == 0;
	return filled;
}

static void note(struct log *log, char what, int64_t time, uint64_t number)
{
	CHECK(log->count < LOG);
	log->entry[log->count].what = what;
	log->entry[log->count].time = time;
	log->entry[log->count++].number = number;
}

static char *print(const struct log *log, char *text, size_t size)
{
	size_t length = 0;
	text[0] = '\0';
	for (int i = 0; i < log->count && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%c%lld.%llu", i ? " " : "",
					   log->entry[i].what, (long long)log->entry[i].time,
					   (unsigned long long)log->entry[i].number);
	return text;
}

static void event(struct sim *sim, void *log, uint64_t number)
{
	note(log, 'e', sim->now, number);
}

/* An event that ends a request. */
static void leave(struct sim *sim, void *log, uint64_t number)
{
	note(log, 'l', sim->now, number);
	sim_close(sim);
}

/* An event that schedules one of the same instant. */
static void chain(struct sim *sim, void *log, uint64_t number)
{
	note(log, 'c', sim->now, number);
	if (number > 0)
		sim_after(sim, 0, chain, log, number - 1);
}

/* A request: opened by its row, it ends 10 ns later. */
static void arrive(struct sim *sim, void *log, const struct row *row)
{
	note(log, 'r', sim->now, row->id);
	sim_open(sim);
	sim_after(sim, 10, leave, log, row->id);
}

static void test_order(void)
{
	static const int64_t times[] = {0, 10, 10, 15, 20};
	char text[400];
	struct log log = {0};
	struct rows rows = {{.fill = fill}, times, 5, 0, 2, 0, false};
	struct sim *sim = sim_new(1, 0);
	sim_at(sim, 20, event, &log, 1);
	sim_at(sim, 10, event, &log, 2);
	sim_at(sim, 10, chain, &log, 1);
	queue_handle cancelled = sim_at(sim, 12, event, &log, 3);
	ok(sim_cancel(sim, cancelled) && !sim_cancel(sim, cancelled), "an event is cancelled once");
	uint64_t count = sim_replay(sim, &rows.source, arrive, &log, 1000, NULL);
	is_text(print(&log, text, sizeof text),
		"r0.0 e10.2 c10.1 l10.0 c10.0 r10.1 r10.2 r15.3 e20.1 l20.1 l20.2 r20.4 l25.3 l30.4",
		"events come before rows of their instant, in the order of scheduling");
	ok(count == 5 && rows.asked_after_end == 0,
	   "all rows are replayed, and the source is not asked again after its end");
	ok(sim->open == 0 && sim->now == 30 && sim->events == 9, "the clock, open requests and events are counted");
	sim_free(sim);
	sim_free(NULL);
}

static void test_end(void)
{
	static const int64_t times[] = {5, 6};
	char text[200];
	struct log log = {0};
	struct rows rows = {{.fill = fill}, times, 2, 0, 0, 0, false};
	struct sim *sim = sim_new(1, 0);
	sim_at(sim, 1000, event, &log, 7); /* upkeep that would go on for ever */
	sim_replay(sim, &rows.source, arrive, &log, 1000000, NULL);
	is_text(print(&log, text, sizeof text), "r5.0 r6.1 l15.0 l16.1", "the replay ends when no request is open");
	sim_free(sim);

	log.count = 0;
	rows = (struct rows){{.fill = fill}, times, 2, 0, 0, 0, false};
	sim = sim_new(1, 0);
	sim_replay(sim, &rows.source, arrive, &log, 9, NULL);
	is_text(print(&log, text, sizeof text), "r5.0 r6.1 l15.0",
		"what lies more than the drain after the last row does not happen");
	is_int(sim->open, 1, "and its request stays open");
	sim_free(sim);

	log.count = 0;
	sim = sim_new(1, 0);
	sim_open(sim);
	sim_at(sim, 3, event, &log, 1);
	is_int((long long)sim_replay(sim, NULL, arrive, &log, 100, NULL), 0, "a replay without rows");
	is_text(print(&log, text, sizeof text), "e3.1", "ends when nothing is left to happen");
	rows = (struct rows){{.fill = fill}, times, 0, 0, 0, 0, false};
	is_int((long long)sim_replay(sim, &rows.source, arrive, &log, 100, NULL), 0,
	       "and so does one with an empty source");
	sim_free(sim);
}

/* A world that draws: each row's request takes an exponential time and makes a follow-up now and then. */
struct station {
	struct log log;
	struct rng_stream stream;
};

static void follow_up(struct sim *sim, void *self, uint64_t number)
{
	struct station *station = self;
	struct rng rng = rng_of(station->stream, number);
	note(&station->log, 'f', sim->now, number);
	if (number < 1000000 && rng_below(&rng, 3) == 0)
		sim_after(sim, (int64_t)(50 * rng_exp(&rng)), follow_up, self, number + 1000000);
	else
		sim_close(sim);
}

static void arrive_station(struct sim *sim, void *self, const struct row *row)
{
	struct station *station = self;
	struct rng rng = rng_of(station->stream, row->id);
	note(&station->log, 'r', sim->now, row->id);
	sim_open(sim);
	sim_after(sim, (int64_t)(30 * rng_exp(&rng)), follow_up, self, row->id);
}

static bool logs_equal(const struct log *a, const struct log *b)
{
	bool equal = a->count == b->count;
	for (int i = 0; equal && i < a->count; i++)
		equal = a->entry[i].what == b->entry[i].what && a->entry[i].time == b->entry[i].time &&
			a->entry[i].number == b->entry[i].number;
	return equal;
}

/* A source that, each time it is asked for a row, lets another world go through its whole life. */
struct nested {
	struct rows rows;
	const int64_t *time;
	size_t count;
	uint64_t seed, replication;
	struct log log;
};

static void whole_life(struct log *log, const int64_t *time, size_t count, uint64_t seed, uint64_t replication)
{
	struct station station = {0};
	struct rows rows = {{.fill = fill}, time, count, 0, 7, 0, false};
	struct sim *sim = sim_new(seed, replication);
	station.stream = sim_stream(sim, "station");
	sim_replay(sim, &rows.source, arrive_station, &station, 100000, NULL);
	sim_free(sim);
	*log = station.log;
}

static size_t fill_nested(struct row_source *source, struct row *rows, size_t capacity)
{
	struct nested *nested = (struct nested *)source;
	whole_life(&nested->log, nested->time, nested->count, nested->seed, nested->replication);
	return fill(source, rows, capacity);
}

static void test_side_by_side(void)
{
	enum { ROWS = 300 };
	static int64_t time[ROWS];
	static struct log alone[3], again;
	static struct station station;
	static struct nested nested;
	for (int i = 0; i < ROWS; i++)
		time[i] = i * 10;
	whole_life(&alone[0], time, ROWS, 1, 0);
	whole_life(&alone[1], time, ROWS, 2, 0);
	whole_life(&alone[2], time, ROWS, 1, 1);
	ok(alone[0].count > 600, "a world with %d things that happen", alone[0].count);
	ok(!logs_equal(&alone[0], &alone[1]) && !logs_equal(&alone[0], &alone[2]),
	   "canary: another seed and another replication differ");
	whole_life(&again, time, ROWS, 1, 0);
	ok(logs_equal(&alone[0], &again), "the same seed and replication give the same world");

	nested = (struct nested){{{.fill = fill_nested}, time, ROWS, 0, 11, 0, false}, time, ROWS, 2, 0, {0}};
	struct sim *sim = sim_new(1, 0);
	station.stream = sim_stream(sim, "station");
	sim_replay(sim, &nested.rows.source, arrive_station, &station, 100000, NULL);
	ok(logs_equal(&station.log, &alone[0]) && logs_equal(&nested.log, &alone[1]),
	   "two worlds that run in turns are as if each were alone");
	sim_free(sim);
}

struct watcher {
	int calls, stop_after;
	int64_t now;
	uint64_t rows, events;
};

static bool report(void *host, int64_t now, uint64_t rows, uint64_t events)
{
	struct watcher *watcher = host;
	watcher->now = now;
	watcher->rows = rows;
	watcher->events = events;
	return ++watcher->calls != watcher->stop_after;
}

static void tick(struct sim *sim, void *subject, uint64_t left)
{
	if (left > 0)
		sim_after(sim, 1, tick, subject, left - 1);
}

static void test_progress(void)
{
	enum { TICKS = 1000000 };
	struct watcher watcher = {0};
	const struct sim_progress progress = {report, &watcher};
	struct sim *sim = sim_new(1, 0);
	sim_open(sim);
	sim_at(sim, 1, tick, NULL, TICKS);
	sim_replay(sim, NULL, arrive, NULL, INT64_MAX, &progress);
	ok(watcher.calls == (TICKS + 1) / 65536 && sim->events == TICKS + 1,
	   "progress is told every 65536 events (%d times)", watcher.calls);
	sim_free(sim);

	watcher = (struct watcher){.stop_after = 3};
	sim = sim_new(1, 0);
	sim_open(sim);
	sim_at(sim, 1, tick, NULL, TICKS);
	sim_replay(sim, NULL, arrive, NULL, INT64_MAX, &progress);
	ok(watcher.calls == 3 && watcher.events == 3 * 65536 && sim->events == 3 * 65536 && watcher.now == 3 * 65536,
	   "and can stop the replay");
	sim_free(sim);
}

int main(void)
{
	test_order();
	test_end();
	test_side_by_side();
	test_progress();
	return done_testing();
}
