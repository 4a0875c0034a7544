/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thing, attempted three times one after the other: every order of act and record, with a crash of the first
 * attempt at every point, a failure of its act, and all of them at the same time. How often it has happened and what
 * the attempts were told is counted out here.
 */
#include "model/once.h"
#include "tap.h"

enum { ATTEMPTS = 3 };

struct run {
	struct sim *sim;
	struct once once;
	struct kvstore store;
	struct once_attempt attempt[ATTEMPTS];
	int crash_at; /* of the first attempt; -1: none */
	bool fails;   /* the act of the first attempt */
	int effects, crashed;
	char told[ATTEMPTS + 1]; /* y: it succeeded, n: not, -: nothing */
};

static int64_t act(void *owner, struct once_attempt *attempt, bool *fails)
{
	struct run *run = owner;
	*fails = run->fails && attempt == run->attempt;
	return 1000;
}

static void effect(void *owner, uint64_t id)
{
	((struct run *)owner)->effects += id == 7;
}

static bool dies(void *owner, struct once_attempt *attempt, enum once_point point)
{
	struct run *run = owner;
	bool now = attempt == run->attempt && run->crash_at == (int)point;
	run->crashed += now;
	return now;
}

static void unanswered(void *owner, struct once_attempt *attempt)
{
	(void)owner;
	(void)attempt;
}

static void done(void *owner, struct once_attempt *attempt, bool succeeded)
{
	struct run *run = owner;
	run->told[attempt - run->attempt] = succeeded ? 'y' : 'n';
}

static void begin(struct sim *sim, void *subject, uint64_t detail)
{
	struct run *run = subject;
	(void)sim;
	run->attempt[detail] = (struct once_attempt){.key = 3, .id = 7};
	once_begin(&run->once, &run->attempt[detail]);
}

/* "EFFECTS TOLD": attempts `apart` ns one after the other. */
static const char *outcome(const struct once_config *config, int crash_at, bool fails, int64_t apart)
{
	static const struct dist nothing = {.kind = DIST_CONST};
	static char text[20];
	static struct run run;
	const struct kvstore_config keys = {once_record, 1, &nothing, &nothing, 0, 0};
	run = (struct run){.crash_at = crash_at, .fails = fails, .told = "---"};
	run.sim = sim_new(1, 0);
	kvstore_init(&run.store, run.sim, "keys", &keys);
	once_init(&run.once, run.sim, config, &run.store);
	run.once.owner = &run;
	run.once.act = act;
	run.once.effect = effect;
	run.once.dies = dies;
	run.once.unanswered = unanswered;
	run.once.done = done;
	for (int i = 0; i < ATTEMPTS; i++)
		sim_at(run.sim, i * apart, begin, &run, (uint64_t)i);
	sim_open(run.sim);
	sim_replay(run.sim, NULL, NULL, NULL, INT64_MAX, NULL);
	sim_close(run.sim);
	sim_free(run.sim);
	snprintf(text, sizeof text, "%d %s", run.effects, run.told);
	return text;
}

int main(void)
{
	enum { WHOLE = -1 };
	static const struct {
		struct once_config config;
		int crash_at;
		bool fails;
		const char *want, *what;
	} row[] = {
		{{ONCE_NONE, false, 0, false}, WHOLE, false, "3 yyy", "no key: each attempt acts"},
		{{ONCE_CHECK_THEN_ACT, false, 0, false}, WHOLE, false, "1 yyy", "looked up first"},
		{{ONCE_CHECK_THEN_ACT, false, 0, false}, ONCE_BEFORE_ACT, false, "1 -yy", "a crash before the act"},
		{{ONCE_CHECK_THEN_ACT, false, 0, false}, ONCE_BEFORE_RECORD, false, "2 -yy", "after it: acts again"},
		{{ONCE_CHECK_THEN_ACT, false, 0, false}, ONCE_BEFORE_REPLY, false, "1 -yy", "after both"},
		{{ONCE_RECORD_FIRST, false, 0, false}, ONCE_BEFORE_ACT, false, "0 -yy", "recorded, never done"},
		{{ONCE_RECORD_FIRST, false, 0, false}, ONCE_BEFORE_RECORD, false, "1 -yy", "recorded and done"},
		{{ONCE_RECORD_FIRST, false, 0, false}, WHOLE, true, "1 nyy", "a failure takes the record back"},
		{{ONCE_INSERT, false, 0, false}, WHOLE, false, "1 yyy", "claimed"},
		{{ONCE_INSERT, false, 0, false}, ONCE_BEFORE_ACT, false, "0 -nn", "claimed, stuck, never done"},
		{{ONCE_INSERT, false, 0, false}, ONCE_BEFORE_RECORD, false, "1 -nn", "claimed, stuck, done"},
		{{ONCE_INSERT, false, 5000, false}, ONCE_BEFORE_ACT, false, "1 -yy", "taken over"},
		{{ONCE_INSERT, false, 5000, false}, ONCE_BEFORE_RECORD, false, "2 -yy", "taken over, done again"},
		{{ONCE_TRANSACTION, false, 0, false}, ONCE_BEFORE_ACT, false, "1 -yy", "one step: before"},
		{{ONCE_TRANSACTION, false, 0, false}, ONCE_BEFORE_RECORD, false, "1 -yy", "one step: within"},
		{{ONCE_TRANSACTION, false, 0, false}, ONCE_BEFORE_REPLY, false, "1 -yy", "one step: after"},
		{{ONCE_TRANSACTION, false, 0, false}, WHOLE, true, "1 nyy", "a failure is forgotten"},
		{{ONCE_TRANSACTION, true, 0, false}, WHOLE, true, "0 nnn", "or saved"},
		{{ONCE_CHECK_THEN_ACT, true, 0, false}, WHOLE, true, "0 nnn", "looked up: saved"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		is_text(outcome(&row[i].config, row[i].crash_at, row[i].fails, 10000), row[i].want, "%s: %s",
		       once_kinds[row[i].config.kind], row[i].what);
	is_text(outcome(&row[1].config, WHOLE, false, 100), "3 yyy", "at the same time: all look before one records");
	is_text(outcome(&row[8].config, WHOLE, false, 100), "1 ynn", "at the same time: others hear that it has begun");
	is_text(outcome(&row[13].config, WHOLE, false, 100), "1 yyy", "at the same time: one step commits once");
	return done_testing();
}
