/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terminals against the machine repairman: n of them think for an exponential time, and wait for c servers. Throughput
 * and response follow from births and deaths; n = X (R + Z) whatever the laws are.
 */
#include "books.h"
#include "model/pool.h"
#include "model/terminals.h"
#include "tap.h"

static const int64_t ms = 1000000, second = 1000000000;

struct shop {
	struct sim *sim;
	struct meters books;
	struct terminals terminals;
	struct pool pool;
	struct dist think, work;
	struct rng_stream works;
	int most, inside;
};

enum { ANSWERED };
enum { RESPONSE };

static void worked(struct sim *sim, void *subject, uint64_t unused)
{
	struct terminal *terminal = subject;
	struct shop *shop = terminal->of->owner;
	(void)sim;
	(void)unused;
	shop->inside--;
	terminal_answered(terminal, 0, true);
}

static void asks(void *owner, struct terminal *terminal)
{
	struct shop *shop = owner;
	struct rng rng = rng_of(shop->works, terminal->id);
	if (++shop->inside > shop->most)
		shop->most = shop->inside;
	pool_enter(&shop->pool, dist_draw_time(&shop->work, &rng), worked, terminal, 0, NULL);
}

/* What `terminals` at `servers` do in `lasts` ns; X a second, and R in ms. */
static void run(struct shop *shop, int terminals, int servers, int64_t lasts, double *throughput, double *response)
{
	struct sim *sim = shop->sim = sim_new(3, 0);
	books_open(&shop->books, &sim->arena);
	shop->works = sim_stream(sim, "works");
	shop->most = shop->inside = 0;
	pool_init(&shop->pool, sim, "server", -1, servers, -1);
	terminals_init(&shop->terminals, sim, &shop->think, "thinking");
	shop->terminals.owner = shop;
	shop->terminals.send = asks;
	shop->terminals.answered = book_count(&shop->books, ANSWERED);
	shop->terminals.response = book_time(&shop->books, RESPONSE);
	terminals_begin(&shop->terminals, terminals, sizeof(struct terminal));
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, lasts, NULL);
	meters_end(&shop->books, sim->now);
	*throughput = (double)counted(&shop->books, ANSWERED) / ((double)lasts / 1e9);
	*response = hist_mean(timed(&shop->books, RESPONSE)) / 1e6;
	sim_free(sim);
}

/* Throughput of the machine repairman: n machines, c repairmen, at rates of failure and of repair. */
static double repaired(int n, int c, double fails, double repairs)
{
	double term = 1, all = 0, busy = 0;
	for (int k = 0; k <= n; k++) {
		all += term;
		busy += term * (k < c ? k : c);
		int next = k + 1;
		term *= (n - k) * fails / ((next < c ? next : c) * repairs);
	}
	return busy / all * repairs;
}

static void check_repairmen(void)
{
	static struct shop shop;
	static const struct {
		int terminals, servers;
	} sizes[] = {{1, 1}, {5, 1}, {20, 1}, {20, 3}, {60, 3}};
	shop.think = (struct dist){.kind = DIST_EXP, .scale = 1e9};
	shop.work = (struct dist){.kind = DIST_EXP, .scale = 100e6};
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		int n = sizes[k].terminals, c = sizes[k].servers;
		double throughput, response, want = repaired(n, c, 1, 10);
		run(&shop, n, c, 20000 * second, &throughput, &response);
		near_to(throughput / want, 1, 0.02, "%d terminals at %d servers are answered %.2f times a second", n, c,
			want);
		near_to(response / (1e3 * n / want - 1e3), 1, n == 1 ? 0.05 : 0.03,
			"which takes n / X - Z, %.0f ms in the mean", 1e3 * n / want - 1e3);
		ok(shop.most <= n, "and never are there more requests than terminals");
	}
	ok(fabs(repaired(20, 1, 1, 10) / repaired(20, 2, 1, 10) - 1) > 0.1, "canary: another server is told apart");
}

static void check_without_thinking(void)
{
	static struct shop shop;
	double throughput, response;
	shop.think = (struct dist){.kind = DIST_CONST, .scale = 0};
	shop.work = (struct dist){.kind = DIST_CONST, .scale = 10e6};
	run(&shop, 4, 1, 100 * second + ms, &throughput, &response);
	near_to(throughput, 100, 0.01, "who does not think keeps the server at work");
	near_to(response, 40, 0.1, "and waits for all others");
	shop.think = (struct dist){.kind = DIST_CONST, .scale = 90e6};
	run(&shop, 1, 1, 100 * second + ms, &throughput, &response);
	near_to(throughput, 10, 0.01, "one terminal: work and thought, one after the other");
}

/* Terminals that are kept: as many as is said, in the places of those that have left. */
enum { PLACES = 9 };

struct table {
	const struct terminal *place[PLACES + 1];
	int places; /* that somebody has taken; one more than there are stands for too many */
	int inside, most;
};

static void answer(struct sim *sim, void *subject, uint64_t unused)
{
	struct terminal *terminal = subject;
	struct table *table = terminal->of->owner;
	(void)sim;
	(void)unused;
	table->inside--;
	terminal_answered(terminal, 0, true);
}

static void serves(void *owner, struct terminal *terminal)
{
	struct table *table = owner;
	int place = 0;
	while (place < table->places && table->place[place] != terminal)
		place++;
	if (place == table->places && place <= PLACES)
		table->place[table->places++] = terminal;
	table->most = ++table->inside > table->most ? table->inside : table->most;
	sim_after(terminal->of->sim, ms, answer, terminal, 0);
}

static void check_keeping(void)
{
	struct sim *sim = sim_new(3, 0);
	struct meters books;
	struct terminals terminals;
	struct table table = {.places = 0};
	static const int sizes[] = {4, PLACES, 2, PLACES};
	long long requests = 0;
	books_open(&books, &sim->arena);
	terminals_init(&terminals, sim, NULL, "thinking");
	terminals.owner = &table;
	terminals.send = serves;
	terminals.answered = book_count(&books, ANSWERED);
	for (int i = 0; i < 4; i++) {
		/* Said again in between, they go on. */
		for (int half = 0; half < 2; half++) {
			terminals_keep(&terminals, sizes[i], sim->now + 20 * ms, sizeof(struct terminal));
			table.most = 0;
			sim_open(sim);
			sim_replay(sim, NULL, NULL, NULL, 10 * ms - 1, NULL);
			sim_close(sim);
		}
		ok(table.most == sizes[i] || (i == 2 && table.most <= PLACES), "%d terminals are kept", sizes[i]);
		is_int(terminals.present, sizes[i], "those that are too many leave");
		requests += 20LL * sizes[i];
	}
	sim_replay(sim, NULL, NULL, NULL, second, NULL);
	is_int(terminals.present, 0, "and in the end all");
	is_int(sim->open, 0, "then the replay may end");
	is_int(table.places, PLACES, "who leaves leaves its place to another one");
	meters_end(&books, sim->now);
	ok(llabs(counted(&books, ANSWERED) - requests) < 80, "%lld answers", counted(&books, ANSWERED));
	sim_free(sim);
}

int main(void)
{
	check_repairmen();
	check_without_thinking();
	check_keeping();
	return done_testing();
}
