/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Coordinators, messages, crashes. What a coordinator has in memory stands in the transaction and is wiped when its
 * machine crashes; what it has on disk is what `listed` and `outcome` say then. Participants: commit_participant.c.
 */
#include "model/commit_inside.h"

const struct commit_kind commit_presumed_nothing = {.name = "2pc", .commit = {true, true, true},
						    .abort = {true, true, true}, .presumed = ATOMICITY_ABORTED};
const struct commit_kind commit_presumed_abort = {.name = "presumed-abort", .commit = {true, true, true},
						  .presumed = ATOMICITY_ABORTED};
const struct commit_kind commit_presumed_commit = {.name = "presumed-commit", .lists = true, .commit = {true},
						   .abort = {true, true, true}, .presumed = ATOMICITY_COMMITTED};
const struct commit_kind commit_three_phase = {.name = "3pc", .precommits = true, .commit = {true, true, true},
					       .abort = {true, true, true}};
const struct commit_kind commit_paxos = {.name = "paxos", .accepts = true};

const char *const commit_doubt_names[] = {"wait", "ask", "abort", "commit", NULL};
const char *const commit_point_names[] = {"now",     "before-prepare", "some-votes", "voted",
					  "decided", "some-told",      NULL};

static const struct {
	const char *name;
	bool back;
	void (*handle)(struct commit_transaction *transaction, const struct commit_message *message);
} messages[] = {
#define COMMIT_MESSAGE(NAME, word, back) {#word, back, commit_on_##word},
	COMMIT_MESSAGES(COMMIT_MESSAGE)
#undef COMMIT_MESSAGE
};

/* ---- messages and records ---- */

static void handle(struct sim *sim, void *subject, uint64_t unused)
{
	struct commit_message *message = subject, it = *message;
	(void)sim;
	(void)unused;
	freelist_give(&it.commit->messages, message);
	if (it.transaction->serial != it.serial)
		return;
	messages[it.kind].handle(it.transaction, &it);
	if (it.transaction->serial == it.serial)
		commit_end_if_over(it.transaction);
}

static void arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct commit_message *message = subject;
	(void)sim;
	if (!machine_do(&message->commit->site[message->to].machine, handle, message, unused))
		freelist_give(&message->commit->messages, message);
}

void commit_send(struct commit_transaction *transaction, enum commit_message_kind kind, int from, int to,
		 struct commit_branch *branch, int value)
{
	struct commit *commit = transaction->commit;
	struct sim *sim = commit->sim;
	struct commit_message *message = FREELIST_TAKE(&commit->messages, &sim->arena, struct commit_message);
	uint64_t key = transaction->id << 24 | (transaction->sent++ & 0xffffff);
	*message = (struct commit_message){transaction, branch, commit, transaction->serial,
					   kind, from, to, value, transaction->ballot};
	if (from == to) {
		sim_after(sim, 0, arrives, message, 0);
		return;
	}
	booking_count(commit->messages_sent, transaction->began, 1);
	if (network_send(&commit->network, kind, from, to, key, arrives, message, 0) == 0)
		freelist_give(&commit->messages, message);
}

void commit_record(struct commit_transaction *transaction, int site, sim_event_fn *durable, int number)
{
	struct commit *commit = transaction->commit;
	struct log *log = &commit->site[site].log;
	booking_count(commit->records, transaction->began, 1);
	log_force(log, log_append(log), durable, transaction, transaction->serial << 8 | (uint64_t)number);
}

struct commit_transaction *commit_recorded(void *subject, uint64_t detail, int *number)
{
	struct commit_transaction *transaction = subject;
	if (number)
		*number = (int)(detail & 0xff);
	return transaction->serial == detail >> 8 ? transaction : NULL;
}

bool commit_reached(struct commit_transaction *transaction, enum commit_point point)
{
	struct commit_site *site = &transaction->commit->site[transaction->leader];
	if (site->armed != point)
		return false;
	machine_crash(&site->machine);
	return true;
}

/* Beside the messages of protocols. */
enum { VISIT = COMMIT_MESSAGE_KINDS, RETURN, KINDS };

int64_t commit_way(struct commit *commit, int from, int to, uint64_t key)
{
	int kind = from < commit->config->coordinators ? VISIT : RETURN;
	return network_takes(&commit->network, kind, from, to, key);
}

/* ---- the end ---- */

void commit_end_if_over(struct commit_transaction *transaction)
{
	struct commit *commit = transaction->commit;
	bool has_ended = transaction->serial == 0; /* a crash in the midst of something has ended it */
	if (has_ended || transaction->open > 0 || transaction->leads || !transaction->answered)
		return;
	*(transaction->previous ? &transaction->previous->next : &commit->first) = transaction->next;
	if (transaction->next)
		transaction->next->previous = transaction->previous;
	transaction->serial = 0;
	commit->ended(commit->owner, transaction);
}

static void forget(struct commit_transaction *transaction)
{
	sim_cancel(transaction->commit->sim, transaction->timer);
	transaction->timer = 0;
	transaction->leads = transaction->listed = false;
	transaction->outcome = ATOMICITY_OPEN;
}

static void answer(struct commit_transaction *transaction, enum atomicity_outcome outcome)
{
	struct commit *commit = transaction->commit;
	if (transaction->answered)
		return;
	transaction->answered = true;
	if (outcome != ATOMICITY_OPEN)
		atomicity_tell(&commit->atomicity, &transaction->thing, outcome, commit->sim->now);
	commit->answered(commit->owner, transaction, outcome);
}

/* ---- the decision ---- */

static void tell_again(struct sim *sim, void *subject, uint64_t unused);

/* All that have to know and, as far as the coordinator knows, do not. */
static void tell(struct commit_transaction *transaction)
{
	struct commit *commit = transaction->commit;
	int told = 0;
	transaction->waits_for = 0;
	for (int i = 0; i < transaction->branches; i++)
		transaction->waits_for += !transaction->branch[i].out;
	for (int i = 0; i < transaction->branches; i++) {
		struct commit_branch *branch = &transaction->branch[i];
		if (branch->out)
			continue;
		commit_send(transaction, COMMIT_DECISION, transaction->leader, branch->site, branch,
			    (int)transaction->outcome);
		if (told++ == 0 && commit_reached(transaction, COMMIT_SOME_TOLD))
			return;
	}
	if (told == 0 || !commit_rule_of(commit, transaction->outcome)->acknowledged)
		forget(transaction);
	else
		transaction->timer = sim_after(commit->sim, commit->config->timeout, tell_again, transaction, 0);
}

static void tell_again(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	tell(subject);
}

static void decided(struct sim *sim, void *subject, uint64_t detail)
{
	struct commit_transaction *transaction = commit_recorded(subject, detail, NULL);
	(void)sim;
	if (!transaction || !transaction->leads)
		return;
	transaction->deciding = false;
	transaction->outcome = transaction->proposed;
	if (commit_reached(transaction, COMMIT_DECIDED))
		return;
	answer(transaction, transaction->outcome);
	tell(transaction);
	commit_end_if_over(transaction);
}

void commit_decide(struct commit_transaction *transaction, enum atomicity_outcome outcome)
{
	struct commit *commit = transaction->commit;
	sim_cancel(commit->sim, transaction->timer);
	transaction->timer = 0;
	transaction->deciding = true;
	transaction->proposed = outcome;
	if (commit_rule_of(commit, outcome)->coordinator_forces)
		commit_record(transaction, transaction->leader, decided, 0);
	else
		decided(commit->sim, transaction, transaction->serial << 8);
}

void commit_on_acknowledge(struct commit_transaction *transaction, const struct commit_message *message)
{
	if (!transaction->leads || transaction->outcome == ATOMICITY_OPEN || message->branch->out)
		return;
	message->branch->out = true;
	if (--transaction->waits_for == 0)
		forget(transaction);
}

/* ---- votes ---- */

static void on_time(struct sim *sim, void *subject, uint64_t unused)
{
	struct commit_transaction *transaction = subject;
	(void)sim;
	(void)unused;
	transaction->timer = 0;
	if (transaction->commit->config->kind->accepts)
		commit_paxos_lead(transaction, transaction->leader);
	else
		commit_decide(transaction, transaction->votes < transaction->branches ? ATOMICITY_ABORTED
										      : ATOMICITY_COMMITTED);
}

/* The coordinator asks all of something, and waits for so long. */
static void ask_all(struct commit_transaction *transaction, enum commit_message_kind kind)
{
	struct commit *commit = transaction->commit;
	sim_cancel(commit->sim, transaction->timer);
	transaction->timer = sim_after(commit->sim, commit->config->timeout, on_time, transaction, 0);
	for (int i = 0; i < transaction->branches; i++) {
		struct commit_branch *branch = &transaction->branch[i];
		if (branch->out)
			continue;
		branch->asked_at = commit->sim->now;
		commit_send(transaction, kind, transaction->leader, branch->site, branch, 0);
	}
}

static void precommit(struct sim *sim, void *subject, uint64_t detail)
{
	struct commit_transaction *transaction = commit_recorded(subject, detail, NULL);
	(void)sim;
	if (transaction && transaction->leads)
		ask_all(transaction, COMMIT_PRECOMMIT);
}

static void all_have_voted(struct commit_transaction *transaction)
{
	int out = 0;
	for (int i = 0; i < transaction->branches; i++)
		out += transaction->branch[i].out;
	transaction->waits_for = transaction->branches - out;
	if (out == transaction->branches) {
		forget(transaction);
		answer(transaction, ATOMICITY_COMMITTED);
	} else if (transaction->commit->config->kind->precommits) {
		sim_cancel(transaction->commit->sim, transaction->timer);
		transaction->timer = 0;
		commit_record(transaction, transaction->leader, precommit, 0);
	} else {
		commit_decide(transaction, ATOMICITY_COMMITTED);
	}
}

static bool is_open(const struct commit_transaction *transaction)
{
	return transaction->leads && !transaction->deciding && transaction->outcome == ATOMICITY_OPEN;
}

void commit_on_vote(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit *commit = transaction->commit;
	struct commit_branch *branch = message->branch;
	if (!is_open(transaction) || branch->voted)
		return;
	branch->voted = true;
	branch->out = message->value != COMMIT_YES;
	booking_record(commit->round, transaction->began, commit->sim->now - branch->asked_at);
	if (message->value == COMMIT_NO) {
		commit_decide(transaction, ATOMICITY_ABORTED);
		return;
	}
	transaction->votes++;
	if (transaction->votes == 1 && commit_reached(transaction, COMMIT_SOME_VOTES))
		return;
	if (transaction->votes == transaction->branches && !commit_reached(transaction, COMMIT_VOTED))
		all_have_voted(transaction);
}

void commit_on_ready(struct commit_transaction *transaction, const struct commit_message *message)
{
	if (!is_open(transaction) || message->branch->ready)
		return;
	message->branch->ready = true;
	if (++transaction->ready == transaction->waits_for)
		commit_decide(transaction, ATOMICITY_COMMITTED);
}

/* What is presumed is said when nothing is known; in the third phase, and among acceptors, nothing is presumed. */
void commit_on_inquire(struct commit_transaction *transaction, const struct commit_message *message)
{
	const struct commit_kind *kind = transaction->commit->config->kind;
	enum atomicity_outcome known = transaction->outcome;
	if (message->to != transaction->leader && !kind->accepts)
		return;
	if (known == ATOMICITY_OPEN && !transaction->leads)
		known = kind->presumed;
	if (known != ATOMICITY_OPEN && message->to == transaction->leader)
		commit_send(transaction, COMMIT_DECISION, message->to, message->branch->site, message->branch,
			    (int)known);
	else if (kind->accepts && !(transaction->leads && message->to == transaction->leader))
		commit_paxos_lead(transaction, message->to);
}

/* ---- the beginning ---- */

static void listed(struct sim *sim, void *subject, uint64_t detail)
{
	struct commit_transaction *transaction = commit_recorded(subject, detail, NULL);
	(void)sim;
	if (!transaction || !transaction->leads)
		return;
	transaction->listed = true;
	ask_all(transaction, COMMIT_PREPARE);
}

void commit_begin(struct commit *commit, struct commit_transaction *transaction, int leader)
{
	CHECK(transaction->branches >= 1 && transaction->branches <= COMMIT_PARTICIPANTS);
	CHECK(commit_is_up(commit, leader));
	transaction->serial = ++commit->serials;
	transaction->commit = commit;
	transaction->next = commit->first;
	if (transaction->next)
		transaction->next->previous = transaction;
	commit->first = transaction;
	transaction->began = commit->sim->now;
	transaction->open = transaction->branches;
	transaction->leader = leader;
	transaction->leads = true;
	for (int i = 0; i < transaction->branches; i++) {
		struct commit_branch *branch = &transaction->branch[i];
		const struct machine *machine = &commit->site[branch->site].machine;
		branch->transaction = transaction;
		branch->refuses |= !machine->up || machine->crashes != branch->crashes;
		commit_branch_wait(branch, commit->config->timeout);
	}
	if (commit_reached(transaction, COMMIT_BEFORE_PREPARE))
		return;
	if (commit->config->kind->lists)
		commit_record(transaction, leader, listed, 0);
	else
		ask_all(transaction, COMMIT_PREPARE);
}

/* ---- crashes ---- */

static void lose_leader(struct commit_transaction *transaction)
{
	enum atomicity_outcome outcome = transaction->outcome;
	bool on_disk = commit_rule_of(transaction->commit, outcome)->coordinator_forces, listed = transaction->listed;
	forget(transaction);
	transaction->listed = listed;
	transaction->outcome = on_disk ? outcome : ATOMICITY_OPEN;
	transaction->deciding = false;
	transaction->votes = transaction->ready = transaction->waits_for = 0;
	for (int i = 0; i < transaction->branches; i++) {
		struct commit_branch *branch = &transaction->branch[i];
		branch->voted = branch->ready = branch->out = false;
	}
	answer(transaction, ATOMICITY_OPEN);
}

static void crashed(void *owner, struct machine *machine)
{
	struct commit *commit = owner;
	int number = (int)machine->number;
	commit->site[number].armed = COMMIT_NOW;
	log_crash(&commit->site[number].log);
	for (struct commit_transaction *transaction = commit->first, *next; transaction; transaction = next) {
		next = transaction->next;
		if (transaction->leads && transaction->leader == number)
			lose_leader(transaction);
		if (commit->config->kind->accepts && number < commit->config->coordinators)
			commit_paxos_crashed(transaction, number);
		for (int i = 0; number >= commit->config->coordinators && i < transaction->branches; i++)
			if (transaction->branch[i].site == number)
				commit_branch_crashed(&transaction->branch[i]);
		commit_end_if_over(transaction);
	}
}

/* What a coordinator finds in its log when it comes back. */
static void recover(struct commit_transaction *transaction)
{
	if (transaction->leads)
		return;
	if (transaction->outcome != ATOMICITY_OPEN) {
		transaction->leads = true;
		tell(transaction);
	} else if (transaction->listed) {
		transaction->leads = true;
		commit_decide(transaction, ATOMICITY_ABORTED);
	}
}

static void restarted(void *owner, struct machine *machine)
{
	struct commit *commit = owner;
	int number = (int)machine->number;
	int64_t left = 0;
	for (struct commit_transaction *transaction = commit->first; transaction; transaction = transaction->next) {
		bool doubtful = false;
		for (int i = 0; i < transaction->branches && transaction->leader == number; i++) {
			struct commit_branch *branch = &transaction->branch[i];
			branch->stuck = branch->in_doubt;
			doubtful = doubtful || branch->stuck;
		}
		left += doubtful;
	}
	if (number < commit->config->coordinators)
		booking_record(commit->left, commit->sim->now, left);
	for (struct commit_transaction *transaction = commit->first, *next; transaction; transaction = next) {
		next = transaction->next;
		for (int i = 0; number >= commit->config->coordinators && i < transaction->branches; i++) {
			struct commit_branch *branch = &transaction->branch[i];
			if (branch->site == number && branch->in_doubt)
				commit_branch_wait(branch, 0);
		}
		if (transaction->leader == number)
			recover(transaction);
		commit_end_if_over(transaction);
	}
}

void commit_crash(struct commit *commit, int site, enum commit_point point)
{
	commit->site[site].causes++;
	if (point == COMMIT_NOW)
		machine_crash(&commit->site[site].machine);
	else
		commit->site[site].armed = point;
}

void commit_restart(struct commit *commit, int site)
{
	struct commit_site *it = &commit->site[site];
	it->causes -= it->causes > 0;
	if (it->causes > 0)
		return;
	it->armed = COMMIT_NOW;
	machine_restart(&it->machine);
}

static void fail(struct sim *sim, void *subject, uint64_t unused);

static void come_back(struct sim *sim, void *subject, uint64_t unused)
{
	struct commit *commit = subject;
	(void)unused;
	commit_restart(commit, commit->fails.site);
	sim_after(sim, dist_draw_time(commit->fails.every, &commit->fails.rng), fail, commit, 0);
}

static void fail(struct sim *sim, void *subject, uint64_t unused)
{
	struct commit *commit = subject;
	(void)unused;
	commit_crash(commit, commit->fails.site, commit->fails.point);
	sim_after(sim, dist_draw_time(commit->fails.lasts, &commit->fails.rng), come_back, commit, 0);
}

void commit_fails(struct commit *commit, int site, enum commit_point point, const struct dist *every,
		  const struct dist *lasts, struct rng_stream stream)
{
	commit->fails.site = site;
	commit->fails.point = point;
	commit->fails.every = every;
	commit->fails.lasts = lasts;
	commit->fails.rng = rng_start(stream);
	sim_after(commit->sim, dist_draw_time(every, &commit->fails.rng), fail, commit, 0);
}

void commit_init(struct commit *commit, struct sim *sim, const struct commit_config *config)
{
	int sites = config->coordinators + config->nodes;
	*commit = (struct commit){.sim = sim, .config = config};
	commit->kinds = ARENA_ARRAY(&sim->arena, KINDS + 1, struct network_kind);
	for (int i = 0; i < COMMIT_MESSAGE_KINDS; i++)
		commit->kinds[i] = (struct network_kind){messages[i].name,
							 messages[i].back ? config->back : config->there,
							 config->loss, 0};
	commit->kinds[VISIT] = (struct network_kind){"visit", config->there, config->loss, 0};
	commit->kinds[RETURN] = (struct network_kind){"return", config->back, config->loss, 0};
	network_init(&commit->network, sim, sites, commit->kinds);
	commit->site = ARENA_ARRAY(&sim->arena, (size_t)sites, struct commit_site);
	for (int i = 0; i < sites; i++) {
		struct commit_site *site = &commit->site[i];
		machine_init(&site->machine, sim, i, 0, 0);
		site->machine.owner = commit;
		site->machine.crashed = crashed;
		site->machine.restarted = restarted;
		log_init(&site->log, sim, config->force, config->grouped, sim_stream(sim, "force"), (uint64_t)i);
		site->log.at_once = true;
	}
}
