/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An operation asks in one phase or two: phase 0 reads, phase 1 writes. Plain writes begin with phase 1, plain reads
 * end with phase 0. Messages carry the operation, and which replica and phase they belong to; it is used again when it
 * has ended and no message of it is under way any more.
 */
#include "model/quorum.h"
#include "base/check.h"

/* A value on its way to a node that has not asked for it; or a comparison of copies. */
struct note {
	struct quorum *of;
	int from, to;
	int64_t key;
	struct quorum_value value;
};

enum { INDEX_BITS = 4 };

static uint64_t detail_of(const struct quorum_op *op, int index)
{
	return (uint64_t)op->phase << INDEX_BITS | (uint64_t)index;
}

static int index_of(uint64_t detail)
{
	return (int)(detail & ((1 << INDEX_BITS) - 1));
}

static struct quorum_node *asked_node(struct quorum_op *op, uint64_t detail)
{
	return &op->of->node[op->who[index_of(detail)]];
}

/* ---- values ---- */

static bool has_seen(const struct quorum_config *config, const struct quorum_value *one,
		     const struct quorum_value *other)
{
	for (int i = 0; i < config->nodes; i++)
		if (one->seen[i] < other->seen[i])
			return false;
	return true;
}

static void see(const struct quorum_config *config, struct quorum_value *one, const struct quorum_value *other)
{
	for (int i = 0; i < config->nodes; i++)
		if (one->seen[i] < other->seen[i])
			one->seen[i] = other->seen[i];
}

/* A value has arrived at a node: the newer one stays. */
static void merge(struct quorum_node *node, int64_t key, const struct quorum_value *value)
{
	struct quorum *quorum = node->of;
	struct quorum_value *mine = &node->value[key], stays;
	if (value->stamp == mine->stamp)
		return;
	bool newer = value->stamp > mine->stamp;
	stays = newer ? *value : *mine;
	const struct quorum_value *goes = newer ? mine : value;
	if (goes->stamp > 0 && !has_seen(quorum->config, &stays, goes)) {
		if (quorum->conflict)
			quorum->conflict(quorum->owner, key, &stays, goes);
		see(quorum->config, &stays, goes);
	}
	*mine = stays;
}

/* The next stamp of a node, greater than those it gave before: of its clock, or, when it has asked, after `newest`. */
static uint64_t stamp(struct quorum_node *node, uint64_t newest)
{
	uint64_t after = node->last >> INDEX_BITS, now = newest >> INDEX_BITS;
	if (!node->of->config->asks_first)
		now = (uint64_t)(machine_local(&node->machine) + INT64_MAX / 32);
	return node->last = (now > after ? now : after + 1) << INDEX_BITS | (uint64_t)node->machine.number;
}

/* ---- values that nobody has asked for ---- */

static void send_value(struct quorum *quorum, int from, int to, int64_t key, const struct quorum_value *value,
		       sim_event_fn *arrives);

static void drop(struct note *note)
{
	freelist_give(&note->of->notes, note);
}

static void take_value(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	(void)sim;
	(void)unused;
	merge(&note->of->node[note->to], note->key, &note->value);
	drop(note);
}

static void value_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(&note->of->node[note->to].machine, take_value, note, 0))
		drop(note);
}

static void repair(struct quorum *quorum, int from, int to, int64_t key, const struct quorum_value *value)
{
	booking_count(quorum->repaired, quorum->sim->now, 1);
	send_value(quorum, from, to, key, value, value_arrives);
}

static void send_note(struct note *note, int kind, sim_event_fn *arrives)
{
	struct quorum *quorum = note->of;
	if (network_send(quorum->network, kind, note->from, note->to, quorum->sent++, arrives, note, 0) == 0)
		drop(note);
}

static void send_value(struct quorum *quorum, int from, int to, int64_t key, const struct quorum_value *value,
		       sim_event_fn *arrives)
{
	struct note *note = FREELIST_TAKE(&quorum->notes, &quorum->sim->arena, struct note);
	*note = (struct note){.of = quorum, .from = from,  .to = to, .key = key, .value = *value};
	send_note(note, QUORUM_REPAIR, arrives);
}

/* ---- hints ---- */

static void taken(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	struct quorum *quorum = note->of;
	struct quorum_node *node = &quorum->node[note->to];
	(void)unused;
	for (struct quorum_hint **at = &node->hint; *at;) {
		struct quorum_hint *hint = *at;
		if (hint->key != note->key || hint->home != note->from || hint->stamp > note->value.stamp) {
			at = &hint->next;
			continue;
		}
		*at = hint->next;
		freelist_give(&quorum->hints, hint);
		booking_count(quorum->handed, sim->now, 1);
	}
	drop(note);
}

static void taken_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(&note->of->node[note->to].machine, taken, note, 0))
		drop(note);
}

static void take_hint(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	int from = note->from;
	(void)sim;
	(void)unused;
	merge(&note->of->node[note->to], note->key, &note->value);
	note->from = note->to;
	note->to = from;
	send_note(note, QUORUM_TAKEN, taken_arrives);
}

static void hint_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(&note->of->node[note->to].machine, take_hint, note, 0))
		drop(note);
}

static void hand_over(struct sim *sim, void *subject, uint64_t unused)
{
	struct quorum_node *node = subject;
	struct quorum *quorum = node->of;
	(void)unused;
	node->hands_over = node->hint != NULL;
	if (!node->hint)
		return;
	for (struct quorum_hint *hint = node->hint; hint && machine_runs(&node->machine); hint = hint->next)
		send_value(quorum, (int)node->machine.number, hint->home, hint->key, &node->value[hint->key],
			   hint_arrives);
	sim_after(sim, quorum->config->hand_over, hand_over, node, 0);
}

static void keep_hint(struct quorum_node *node, int64_t key, int home, uint64_t stamp)
{
	struct quorum *quorum = node->of;
	struct quorum_hint *hint = node->hint;
	while (hint && (hint->key != key || hint->home != home))
		hint = hint->next;
	if (!hint) {
		hint = FREELIST_TAKE(&quorum->hints, &quorum->sim->arena, struct quorum_hint);
		*hint = (struct quorum_hint){.next = node->hint, .key = key, .home = home};
		node->hint = hint;
	}
	hint->stamp = stamp > hint->stamp ? stamp : hint->stamp;
	booking_count(quorum->hinted, quorum->sim->now, 1);
	if (!node->hands_over)
		sim_after(quorum->sim, quorum->config->hand_over, hand_over, node, 0);
	node->hands_over = true;
}

/* ---- anti-entropy ---- */

static void compare(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	struct quorum *quorum = note->of;
	struct quorum_node *one = &quorum->node[note->from], *other = &quorum->node[note->to];
	(void)sim;
	(void)unused;
	for (int64_t key = 0; key < quorum->config->keys; key++) {
		uint64_t mine = one->value[key].stamp, its = other->value[key].stamp;
		if (mine == its || !quorum_is_home(quorum->config, key, note->from) ||
		    !quorum_is_home(quorum->config, key, note->to))
			continue;
		if (mine > its)
			repair(quorum, note->from, note->to, key, &one->value[key]);
		else
			repair(quorum, note->to, note->from, key, &other->value[key]);
	}
	drop(note);
}

static void compare_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct note *note = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(&note->of->node[note->to].machine, compare, note, 0))
		drop(note);
}

static void begin_comparison(struct sim *sim, void *subject, uint64_t unused)
{
	struct quorum_node *node = subject;
	struct quorum *quorum = node->of;
	int number = (int)node->machine.number, nodes = quorum->config->nodes;
	int other = (number + 1 + (int)rng_below(&node->rng, (uint64_t)nodes - 1)) % nodes;
	(void)unused;
	sim_after(sim, quorum->config->anti_entropy, begin_comparison, node, 0);
	if (!machine_runs(&node->machine))
		return;
	struct note *note = FREELIST_TAKE(&quorum->notes, &sim->arena, struct note);
	*note = (struct note){.of = quorum, .from = number, .to = other};
	send_note(note, QUORUM_COMPARE, compare_arrives);
}

/* ---- the end of an operation ---- */

/* A message of it is under way no more. */
static void landed(struct quorum_op *op)
{
	if (--op->flying == 0 && op->ended)
		freelist_give(&op->of->ops, op);
}

static void tell(struct quorum_op *op, bool answered)
{
	struct quorum *quorum = op->of;
	if (op->ended)
		return;
	if (answered)
		sim_cancel(quorum->sim, op->timer);
	op->ended = true;
	quorum->ended(quorum->owner, op, answered);
	op->journey = NULL;
}

static void give_up(struct sim *sim, void *subject, uint64_t unused)
{
	struct quorum_op *op = subject;
	struct quorum_node *at = &op->of->node[op->at];
	(void)unused;
	for (int i = 0; !op->decided && i < op->asked; i++)
		if (!(op->answered >> i & 1))
			at->suspects[op->who[i]] = sim->now + op->of->config->suspect;
	op->decided = true;
	if (op->write && op->phase == 0)
		op->value = (struct quorum_value){0};
	journey_note(&op->journey, sim->now, "node", op->at, "has waited in vain, answers", op->count);
	op->flying++;
	tell(op, false);
	landed(op);
}

static void reply_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct quorum_op *op = subject;
	(void)sim;
	(void)unused;
	tell(op, true);
	landed(op);
}

/* A message of an operation; whether it gets through. */
static bool sends(struct quorum_op *op, int kind, int from, int to, uint64_t detail, sim_event_fn *arrives)
{
	uint64_t key = op->id << (INDEX_BITS + 1) | detail;
	op->flying++;
	if (network_send(op->of->network, kind, from, to, key, arrives, op, detail) > 0)
		return true;
	op->flying--;
	return false;
}

static void decide(struct quorum_op *op)
{
	op->decided = true;
	if (op->at == op->origin)
		tell(op, true);
	else
		sends(op, QUORUM_REPLY, op->at, op->origin, 0, reply_arrives);
}

/* ---- phase 1: writing ---- */

static void write_done(struct quorum_op *op)
{
	if (!op->decided && op->phase == 1 && op->count >= op->needed)
		decide(op);
}

/* Who has answered is not suspected any more. */
static void heard(struct quorum_op *op, uint64_t detail)
{
	op->of->node[op->at].suspects[op->who[index_of(detail)]] = 0;
}

static void take_ack(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	heard(op, detail);
	op->answered |= 1u << index_of(detail);
	op->count++;
	journey_note(&op->journey, sim->now, "node", op->who[index_of(detail)], "has acknowledged", -1);
	write_done(op);
	landed(op);
}

static void ack_arrives(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	(void)sim;
	if (!machine_do(&op->of->node[op->at].machine, take_ack, op, detail))
		landed(op);
}

static void take_write(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	struct quorum_node *node = asked_node(op, detail);
	int home = op->home[index_of(detail)];
	(void)sim;
	merge(node, op->key, &op->value);
	if (home >= 0)
		keep_hint(node, op->key, home, op->value.stamp);
	sends(op, QUORUM_ACK, (int)node->machine.number, op->at, detail, ack_arrives);
	landed(op);
}

static void write_arrives(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	(void)sim;
	if (!machine_do(&asked_node(op, detail)->machine, take_write, op, detail))
		landed(op);
}

/* Those in `have` have it already. */
static void begin_writing(struct quorum_op *op, uint32_t have)
{
	op->phase = 1;
	op->needed = op->of->config->write;
	op->count = 0;
	op->answered = have;
	for (int i = 0; i < op->asked; i++)
		if (have >> i & 1)
			op->count++;
		else
			sends(op, QUORUM_WRITE, op->at, op->who[i], detail_of(op, i), write_arrives);
	write_done(op);
}

/* ---- phase 0: reading ---- */

/* The newest of what has been answered goes to those who had something older. */
static void repair_answered(struct quorum_op *op)
{
	for (int i = 0; i < op->asked; i++)
		if ((op->answered >> i & 1) && op->reply[i].stamp < op->value.stamp) {
			op->reply[i].stamp = op->value.stamp;
			repair(op->of, op->at, op->who[i], op->key, &op->value);
		}
}

static uint32_t who_has(const struct quorum_op *op, uint64_t stamp)
{
	uint32_t have = 0;
	for (int i = 0; i < op->asked; i++)
		if ((op->answered >> i & 1) && op->reply[i].stamp == stamp)
			have |= 1u << i;
	return have;
}

static void number_write(struct quorum_op *op, const struct quorum_value *before)
{
	struct quorum_node *at = &op->of->node[op->at];
	op->value = *before;
	op->value.stamp = stamp(at, before->stamp + (1 << INDEX_BITS));
	op->value.seen[op->at] = ++at->writes;
}

static void have_read(struct quorum_op *op)
{
	enum quorum_repair repair = op->of->config->repair;
	if (op->write) {
		struct quorum_value newest = op->value;
		number_write(op, &newest);
		begin_writing(op, 0);
	} else if (repair == QUORUM_REPAIRS_BEFORE && op->value.stamp > 0) {
		begin_writing(op, who_has(op, op->value.stamp));
	} else {
		decide(op);
		if (repair == QUORUM_REPAIRS_AFTER)
			repair_answered(op);
	}
}

static void take_response(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	int i = index_of(detail);
	heard(op, detail);
	if (op->phase == 0) {
		op->answered |= 1u << i;
		op->count++;
		journey_note(&op->journey, sim->now, "node", op->who[i], "has answered", -1);
		bool late = op->decided || op->ended;
		if (op->reply[i].stamp > op->value.stamp)
			op->value = op->reply[i];
		if (!late && op->count == op->needed)
			have_read(op);
		else if (late && op->of->config->repair == QUORUM_REPAIRS_AFTER)
			repair_answered(op);
	}
	landed(op);
}

static void response_arrives(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	(void)sim;
	if (!machine_do(&op->of->node[op->at].machine, take_response, op, detail))
		landed(op);
}

static void take_read(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	struct quorum_node *node = asked_node(op, detail);
	(void)sim;
	op->reply[index_of(detail)] = node->value[op->key];
	sends(op, QUORUM_RESPONSE, (int)node->machine.number, op->at, detail, response_arrives);
	landed(op);
}

static void read_arrives(struct sim *sim, void *subject, uint64_t detail)
{
	struct quorum_op *op = subject;
	(void)sim;
	if (!machine_do(&asked_node(op, detail)->machine, take_read, op, detail))
		landed(op);
}

static void begin_reading(struct quorum_op *op)
{
	op->needed = op->of->config->own_reads && op->of->config->primary && !op->write ? 1 : op->of->config->read;
	for (int i = 0; i < op->asked; i++)
		sends(op, QUORUM_READ, op->at, op->who[i], detail_of(op, i), read_arrives);
}

/* ---- whom to ask ---- */

/* The key's nodes; when sloppy, the next ones stand in for those that are suspected, as far as there are any. */
static void pick_all(struct quorum_op *op)
{
	const struct quorum_config *config = op->of->config;
	int64_t *suspects = op->of->node[op->at].suspects, now = op->of->sim->now;
	int nodes = config->nodes, start = (int)(op->key % nodes), missing[QUORUM_NODES], absent = 0, stands_in = 0;
	for (int i = 0; i < nodes && op->asked < config->replicas; i++) {
		int node = (start + i) % nodes;
		bool home = i < config->replicas;
		if (!home && stands_in == absent)
			break;
		if (config->sloppy && suspects[node] > now) {
			if (home)
				missing[absent++] = node;
			continue;
		}
		if (suspects[node] > 0) /* this one finds out whether it answers again */
			suspects[node] = now + config->suspect;
		op->who[op->asked] = node;
		op->home[op->asked++] = home ? -1 : missing[stands_in++];
	}
	while (stands_in < absent) { /* nobody is left: those that are suspected are asked all the same */
		op->who[op->asked] = missing[stands_in++];
		op->home[op->asked++] = -1;
	}
}

/* Of those asked, as many as are needed, at random. */
static void pick_some(struct quorum_op *op, int needed)
{
	struct rng rng = rng_of(op->of->choices, op->id);
	for (int i = 0; i < needed; i++) {
		int j = i + (int)rng_below(&rng, (uint64_t)(op->asked - i));
		int who = op->who[i], home = op->home[i];
		op->who[i] = op->who[j];
		op->home[i] = op->home[j];
		op->who[j] = who;
		op->home[j] = home;
	}
	op->asked = needed;
}

static void coordinate(struct sim *sim, void *subject, uint64_t unused)
{
	struct quorum_op *op = subject;
	const struct quorum_config *config = op->of->config;
	(void)sim;
	(void)unused;
	if (op->ended) {
		landed(op);
		return;
	}
	bool own = config->primary && config->own_reads && !op->write;
	if (own) {
		op->who[0] = op->origin;
		op->home[0] = -1;
		op->asked = 1;
	} else {
		pick_all(op);
		if (op->write ? config->some_write : config->some_read)
			pick_some(op, op->write ? config->write : config->read);
	}
	if (!op->write || config->asks_first) {
		begin_reading(op);
	} else {
		number_write(op, &op->of->node[op->at].value[op->key]);
		begin_writing(op, 0);
	}
	landed(op);
}

static void forward_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct quorum_op *op = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(&op->of->node[op->at].machine, coordinate, op, 0))
		landed(op);
}

struct quorum_op *quorum_begin(struct quorum *quorum, uint64_t id, int64_t key, bool write, int origin,
			       void *subject, struct journey *journey)
{
	const struct quorum_config *config = quorum->config;
	CHECK(key >= 0 && key < config->keys && origin >= 0 && origin < config->nodes && id >> 56 == 0);
	struct quorum_op *op = FREELIST_TAKE(&quorum->ops, &quorum->sim->arena, struct quorum_op);
	bool own = config->own_reads && !write;
	op->of = quorum;
	op->id = id;
	op->key = key;
	op->called = quorum->sim->now;
	op->write = write;
	op->origin = origin;
	op->subject = subject;
	op->journey = journey;
	op->at = config->primary && !own ? 0 : origin;
	op->asked = op->phase = op->needed = op->count = op->flying = 0;
	op->answered = 0;
	op->value = (struct quorum_value){0};
	op->decided = op->ended = false;
	op->timer = sim_after(quorum->sim, config->timeout, give_up, op, 0);
	if (op->at != origin) {
		sends(op, QUORUM_FORWARD, origin, op->at, 0, forward_arrives);
		return op;
	}
	op->flying++;
	if (!machine_do(&quorum->node[origin].machine, coordinate, op, 0))
		op->flying--;
	return op;
}

void quorum_init(struct quorum *quorum, struct sim *sim, const struct quorum_config *config, struct network *network,
		 const int64_t *offset)
{
	CHECK(config->nodes > 0 && config->nodes <= QUORUM_NODES && config->replicas <= config->nodes);
	CHECK(config->read <= config->replicas && config->write <= config->replicas && network->sites >= config->nodes);
	*quorum = (struct quorum){.sim = sim, .config = config, .network = network};
	quorum->choices = sim_stream(sim, "choices");
	struct rng_stream comparisons = sim_stream(sim, "comparisons");
	for (int i = 0; i < config->nodes; i++) {
		struct quorum_node *node = &quorum->node[i];
		node->of = quorum;
		machine_init(&node->machine, sim, i, offset ? offset[i] : 0, 0);
		node->value = ARENA_ARRAY(&sim->arena, (size_t)config->keys, struct quorum_value);
		node->rng = rng_of(comparisons, (uint64_t)i);
		if (config->anti_entropy > 0 && config->nodes > 1)
			sim_after(sim, config->anti_entropy * (i + 1) / config->nodes, begin_comparison, node, 0);
	}
}
