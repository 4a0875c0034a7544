/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a case study is: tables that declare its parameters, trace columns, metrics and faults, and four functions.
 * To add one, see HACKING.md; station.c is the one to copy.
 */
#ifndef CASES_CASE_H
#define CASES_CASE_H

#include "engine/meter.h"
#include "engine/sim.h"
#include "model/journey.h"
#include "param/param.h"
#include "trace/column.h"

/* Something that can break. Rows name their fields: {.name = "kill", .target = "node", .help = "the node dies"}. */
struct fault_kind {
	const char *name;   /* "kill", "slow" */
	const char *target; /* what it hits: "node", "disk", "channel"; NULL: no target */
	bool factor;        /* takes a factor ("slow node 7 by 10") */
	bool rate;          /* takes a rate ("hot channel 1 at 5k/s"): adds to the load, and ends with the trace */
	bool moment;        /* happens when it begins and does not last ("jump node 3 by 2"): takes no time */
	const char *help;
};

/* What a kind of fault can hit: the numbers below `count`, or, where targets have names, those that have one. */
struct fault_targets {
	int64_t count;
	const char *const *name; /* by number, "Virginia"; NULL in it: there is no such target; NULL: none has a name */
};

/* A fault of a study: kind index, and its target's number. */
struct fault {
	int kind;
	int64_t at, lasts; /* ns of replay time */
	int64_t target;
	double factor, rate;
	const char *label; /* for people: "kill node 3", "lose Virginia" */
};

/*
 * What holds of a target, or of a kind without targets, through all faults of one kind that are under way together
 * (run/breakage.h). Those that touch each other are one.
 */
struct fault_state {
	int active;           /* how many are under way */
	double factor;        /* the product of theirs; 1 when there are none */
	double rate;          /* the sum of theirs, per second */
	int64_t since, until; /* ns: from when until when those that touch last; now when there are none */
};

/* What a case gets to build itself from. All of it outlives the replay. */
struct case_world {
	struct sim *sim;
	struct meters *meters;
	struct journeys *journeys; /* NULL unless somebody asked for the slowest requests */
	const void *params;
	double share;              /* of the fleet's load that is simulated: see case_study.share */
	int64_t slice;
};

/*
 * A picture of a case at one instant: areas, each of a class. x and y of its corners are in any unit that is the same
 * for all, between -reach and reach.
 */
struct case_area {
	int class;                                  /* index into the view's classes; their number: the mark */
	int corners;
	struct case_corner { double x, y; } *corner; /* in turn */
};
struct case_picture {
	double reach;
	int areas;
	struct case_area *area;
};

/* What a case can show in a figure of kind map, beside its metrics. */
struct case_view {
	const char *name;           /* as a figure's `shows` says */
	const char *help;           /* the description of a figure that has none: "Maps of hexagons." */
	const char *const *classes; /* of areas, from cold to hot; ends with NULL */
	const char *unit;           /* what areas are called where they are counted: "cells" */
	const char *mark;           /* what lies on them, in ink: "the event"; NULL: nothing does */
	/* As it is now, into the arena. */
	void (*look)(const void *self, struct arena *arena, struct case_picture *picture);
};

/*
 * Something that lasted, a bar in a figure of kind history, and all of them, from the top. Each is of a class, which
 * has a colour.
 */
struct case_span {
	const char *name; /* "node 2 reads the old value" */
	int class;
	int64_t begin, end; /* ns of replay time */
};
struct case_story {
	int spans;
	struct case_span *span;
	const char *const *classes; /* ends with NULL */
};

/*
 * A part that a model has named: its metrics are called NAME.response, NAME.wait, NAME.work, NAME.busy, NAME.size.
 * Parts are in the order of a tree: who is called comes, once, below who calls.
 */
struct case_part {
	const char *name;
	int depth;
	double places; /* threads of each instance */
	double most;   /* threads of all, once it has grown as far as it can */
};
struct case_parts {
	int count;
	struct case_part *part;
};

/* What is answered, a second, of a metric that holds the times of those that give up too. */
struct case_served {
	const char *metric;
	const char *rate; /* an expression of claims (run/claim.h) without variant and window */
};

/* A field of a row that has an effect only by another field beside it. */
struct case_need {
	const char *field; /* a pattern of paths, "services.*.choices" */
	const char *with;  /* the other field */
	const char *is;    /* its word; NULL: it is a number, a switch, a choice or a table, and `above` this */
	double above;
};

struct case_study {
	const char *name;
	const char *about;           /* one line */
	size_t params_size;
	const struct param *params;
	const struct column *columns;
	const struct column_use *uses;   /* columns that are not always read; ends with a NULL column; NULL: none */
	const struct metric *metrics;
	const struct fault_kind *faults; /* ends with a NULL name */

	/*
	 * How much of what it has is in use, 0..1, as an expression of claims (run/claim.h) without variant and window;
	 * NULL when there is no such number.
	 */
	const char *utilisation;
	const char *used; /* what that is of: "cores", "drivers" */

	/* Ends with a NULL metric; of a metric that is not in it all is answered. NULL: that is so of all. */
	const struct case_served *served;

	const char *failures; /* the COUNT of requests that were not served; NULL when there is none */

	/* What the table of a run shows, as `table:` of a model file says it; NULL: the first two times. */
	const char *const *table;

	/* Adds rows to tables of loaded parameters that others imply (param_rows_imply). May be NULL. */
	void (*imply)(void *params, const struct param_reader *reader);

	/* Checks what no single row can: adds to err, returns false. May be NULL. */
	bool (*check)(const void *params, struct err *err);

	/*
	 * A fleet may be simulated as a 1/slice part at the same load per node: which share of the offered load that
	 * part gets (simulated nodes / nodes). May be NULL: then only slice 1 is allowed.
	 */
	double (*share)(const void *params, int64_t slice);

	const struct case_need *needless; /* ends with a NULL field; NULL */

	/* Builds the world from its arena. */
	void *(*build)(const struct case_world *world);

	/* The life of one request begins. */
	sim_arrive_fn *arrive;

	/*
	 * From now on this holds of a target that there is: called when there is a fault and was none, when none is
	 * left, and when the factor or the rate has changed. Of kinds that are moments, at each with what is its own.
	 * NULL when nothing can break.
	 */
	void (*fault)(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state);

	/*
	 * Why a fault of that kind can do nothing to that target in such a model, as what follows "does nothing here:";
	 * NULL when it can. It may be made in the arena. NULL itself when all always can.
	 */
	const char *(*idle)(const void *params, int kind, int64_t target, struct arena *arena);

	/*
	 * What a kind of fault that has targets can hit, the number of the kind given, in such a model and slice of it.
	 * Names may come from the arena. NULL when no kind has targets.
	 */
	struct fault_targets (*targets)(const void *params, int64_t slice, int kind, struct arena *arena);

	/* What a model has named, in the arena; NULL where cases have names of their own. */
	struct case_parts (*parts)(const void *params, struct arena *arena);

	/*
	 * For how many seconds these rows of the trace will take threads of each part, at least, on average: seconds[i]
	 * of part i for one row. False: that is not known. NULL together with `parts`.
	 */
	bool (*needs)(const void *params, const struct row *rows, size_t count, struct arena *arena, double *seconds);

	const struct case_view *views; /* ends with a NULL name; NULL when there are none */

	/* Books what is known only at the end. May be NULL. */
	void (*finish)(struct sim *sim, void *self);

	/*
	 * What happened, as a figure of kind history shows it, into the arena: asked after the end. No spans: there was
	 * nothing to tell. NULL when there never is.
	 */
	void (*tell)(const void *self, struct arena *arena, struct case_story *story);
};

/* All cases, in the order of cases.def; ends with NULL. */
extern const struct case_study *const case_studies[];

const struct case_study *case_find(const char *name);

/* The view of that name, or for NULL the first one; NULL when there is none. */
const struct case_view *case_view_find(const struct case_study *of, const char *name);

#endif
