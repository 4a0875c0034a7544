/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a page asks of the engine: a study from its compact text, a state of its sliders, and the results of that state,
 * as JSON whose numbers and words are those of the command line. The functions below are the exports of
 * pages/CASE.wasm, under the same names; the native program and the tests call the same ones.
 *
 * Compiled for WebAssembly, a pointer and a size_t are 32-bit numbers, and nothing is imported:
 *
 *   const {instance} = await WebAssembly.instantiate(bytes, {});
 *   const core = instance.exports;
 *   core._initialize();
 *   const web = core.web_new();
 *
 * Texts are UTF-8. One for the engine is written where web_input says; one from it is web_length bytes at web_text, and
 * stands there until the next call that makes a text. The memory may grow in any call: its view is made anew after it.
 *
 *   function give(text) { const b = new TextEncoder().encode(text), at = core.web_input(web, b.length);
 *           new Uint8Array(core.memory.buffer, at, b.length).set(b); return b.length; }
 *   function text() { return new TextDecoder().decode(
 *           new Uint8Array(core.memory.buffer, core.web_text(web), core.web_length(web))); }
 *
 * A mistake of our own (CHECK), or no memory, traps: WebAssembly.RuntimeError. What the instance was is then lost;
 * web_failure, which takes nothing, tells where it happened as a C string.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "figure/chart.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define WEB_EXPORT(name) __attribute__((export_name(#name)))
#else
#define WEB_EXPORT(name)
#endif

struct web;

/* One page. All that it needs lies in arenas of its own. */
WEB_EXPORT(web_new) struct web *web_new(void);
WEB_EXPORT(web_free) void web_free(struct web *web);

/* Room for a text of `bytes` for the next call that takes one: `length` below is how much of it was written. */
WEB_EXPORT(web_input) char *web_input(struct web *web, size_t bytes);

/* The last text that was made; it ends with a NUL that is not counted. */
WEB_EXPORT(web_text) const char *web_text(const struct web *web);
WEB_EXPORT(web_length) size_t web_length(const struct web *web);

/*
 * Where a function below says false, the text is [{"text": MESSAGE, "key": KEY or null, "at": "FILE:LINE:COLUMN"}],
 * and everything is as it was.
 */

/* Loads a study from its compact text (run/bundle.h). False when it is damaged, or has no `explore`. Once. */
WEB_EXPORT(web_load) bool web_load(struct web *web, size_t length);

/*
 * What there is to explore, as JSON:
 *
 *  {"case": "station", "about": TEXT, "model": "station" or "station.yaml",
 *   "sentence": TEXT with {EXPRESSION}s,
 *   "variants": [{"name", "about", "explored": BOOL}],       those with explored: true are what a state may choose from
 *   "seed": 1, "reps": 5, "slice": 1,                         as the small setup says
 *   "setup": [["KEY", "VALUE"], ...],                         what makes it small; for people
 *   "budget": {"drag": 20000, "settle": 100000},              requests
 *   "sliders": [{"key", "label", "scale": "linear" | "log" | "choice", "kind": "count" | "time" | "bytes" | "real" |
 *                "ratio" | "rate", "help": TEXT or null, "of": "mean" (it moves that of a distribution) or null,
 *                "from": TEXT, "to": TEXT, "fallback": TEXT, "position": 0..1 or null, "steps": N, "choices": [TEXT]}],
 *                fallback and position: where it stands by default; null: it stands nowhere on the slider.
 *                steps: how many positions it has beside 0; 0: any
 *   "presets": [{"name", "says": TEXT or null, "state": "KEY=VALUE\n..."}],
 *   "figures": [{"name", "kind"}],
 *   "claims": [{"id", "says", "kind": "predicted" | "calibrated" | "derived", "mechanism", "evidence", "source",
 *               "expect": [TEXT], "without": [["KEY", "VALUE"]] or null, "no_ablation": TEXT or null}],
 *   "parameters": [{"key", "value", "unit": as kind above, "help", "range": "LEAST .. GREATEST" or null,
 *                   "evidence": TEXT or null, "kind": "published" | "derived" | "calibrated" | "assumption" | null,
 *                   "sources": ["KEY"]}],                     of the first variant that is explored, tables too
 *   "sources": {"KEY": TEXT},
 *   "models": [TEXT], "leaves_out": [TEXT]}
 */
WEB_EXPORT(web_describe) void web_describe(struct web *web);

/*
 * The value of a slider at a position, 0 its start and 1 its end, as a text: "4", "2 ms". It is what a state says of
 * its key. Sliders count from 0.
 */
WEB_EXPORT(web_slider) void web_slider(struct web *web, int slider, double position);

/* The position of a slider whose value is this text; NaN when it is not on the slider. */
WEB_EXPORT(web_position) double web_position(struct web *web, int slider, size_t length);

/*
 * Sets the state: lines KEY=VALUE, later ones over earlier ones; an empty text is the default. What is not named is as
 * the small setup says. Keys are
 *
 *   a parameter, a path into a table (services.cart.instances), a key of the trace (trace.windows.rate), slice,
 *   run.seed, run.reps
 *   preset      the name of a preset: all that it sets
 *   without     the id of a claim: what takes its mechanism away is laid over everything
 *   variant     one that is explored; more than one line chooses several; none: all of them
 *
 * The text becomes the state in its shortest form, the same for equal states, fit for an address. Any job is cancelled.
 */
WEB_EXPORT(web_state) bool web_state(struct web *web, size_t length);

enum web_job {
	WEB_DRAG,  /* as many replications as the budget for a drag has room for, one at least; nothing else */
	WEB_SETTLE /* all of them, as far as the budget goes; then what they are compared with, then ablations */
};

/* Begins a job for the present state, in place of the one before. What has been run already is not run again. */
WEB_EXPORT(web_start) void web_start(struct web *web, enum web_job job);

enum web_progress {
	WEB_RUNNING,    /* nothing new to show */
	WEB_NEWS,       /* a replication has come in, a comparison, or a judgement: results have changed */
	WEB_DONE,       /* the job is finished; also where there is none */
	WEB_WHOLE       /* as WEB_NEWS, by the last replication of the state: what follows compares and judges */
};

/* Goes on for about so many events (65,536 take 2 to 3 ms). */
WEB_EXPORT(web_step) enum web_progress web_step(struct web *web, uint32_t events);

/* The part of the job that is done, 0..1. */
WEB_EXPORT(web_part) double web_part(const struct web *web);

WEB_EXPORT(web_cancel) void web_cancel(struct web *web);

/*
 * What is known of the present state, as JSON; each time it is asked anew. Numbers are printed so that they are read as
 * the same bits; null is what is not known. A value for people is a text beside it.
 *
 *  {"state": as web_state made it, "done": BOOL, "job": "drag" | "settle",
 *   "replications": 3, "of": 5, "budget": BOOL: of is less than the setup says, for the budget's sake,
 *   "exact": BOOL: nothing random was drawn, one replication is all there is,
 *   "seed": 1, "digest": "16 hex digits" of all outcomes of the state, in order of variants,
 *   "command": TEXT, the command line that gives the same bits, of as many replications as there are now,
 *   "sentence": TEXT, "sentence_default": TEXT or null where that has not run,
 *   "variants": [{"name", "replications", "digest", "requests": rows, "unfinished", "failed": N or null,
 *                 "metrics": [{"metric", "kind": "time" | "amount" | "count" | "work" | "level", "unit": TEXT or null,
 *                              "terms": [{"statistic": "p50", "value", "low", "high", "text": "4.2 ms (4.1 .. 4.3)",
 *                                         "narrow": BOOL, "at_least": BOOL}]}],
 *                         empty before all has been settled
 *                 "ways": null or {"metric", "statistic", "low": N, "high": N, "low_text", "high_text", "text"}
 *                         replications end in two ways: "ends near 12 s in 17 of 30"}],
 *   "differences": [{"term": "p99(response)[one-server]", "value": TEXT, "default": TEXT,
 *                    "ratio", "low", "high": of the ratio to the default, less 1 is the relative difference,
 *                    "verdict": "lower" | "higher" | "equal" | "unclear" | "unknown", "text": a sentence}],
 *                    paired, replication by replication; empty before the default has run, and where it is the state
 *   "figures": [FIGURE], "ghosts": [FIGURE of the default, or null], beside each other,
 *   "claims": [{"id", "says", "kind", "holds": "yes" | "no" | "inconclusive", "earned": BOOL or null,
 *               "without_holds": as holds, or null where that has not run,
 *               "expect": [{"text", "holds", "measured": TEXT, "without": TEXT or null}]}],
 *   "claims_table": TEXT, lines of fixed width: what `casebook verify --explore` prints; "" before ablations have run,
 *   "journeys": [JOURNEY], of each variant the slowest request}
 *
 * A FIGURE is what the command line draws, in the units of its axes:
 *
 *  {"name", "kind": "percentiles" | "timeline" | "load" | "years" | "lines" | "bars" | "map" | "history" | "heat",
 *   "title", "subtitle", "description": TEXT, lines, for who does not see it,
 *   "x": AXIS, "y": AXIS,
 *   "series": [{"label", "role": "normal" | "baseline" | "published" | "formula", "style": "line" | "steps" | "points",
 *               "points": [[x, y, low, high], ...]}],           y null: the line is broken there
 *   "bands": [{"from", "to", "label"}], "marks": [{"on": "x" | "y", "at", "label"}],
 *   "ranges": [{"low", "high", "from", "to", "label"}],
 *   "table": {"columns": [TEXT], "rows": [[TEXT]]}}             the twin: at most 60 rows; the first column is x
 *
 * An AXIS is {"title": with its unit, "values": "number" | "duration" | "percentile" | "date" | "category",
 *   "log": BOOL, "min", "max", "ticks": [{"at", "label"}], "categories": [TEXT]}. Durations are in the title's unit;
 *   percentiles are 1/(1-p) and logarithmic; dates are days since 1970-01-01; categories count from 0. What kinds mean
 *   by points: src/figure/figure.h.
 *
 * A JOURNEY is {"variant", "replication": null, "request": ID, "kind": "read", "begin": ns, "took": ns, "took_text",
 *   "steps": [{"at": ns since begin, "at_text", "part": "node 3", "what": "waits behind 4"}], "dropped": N,
 *   "spans": [{"kind", "begin": ns since begin of the request, "took", "took_text", "steps", "dropped", "spans"}]}
 */
WEB_EXPORT(web_results) void web_results(struct web *web);

/* Of the present state, for the native program, which draws them; until the state changes. */
struct chart_outcomes web_outcomes(const struct web *web);

#endif
