/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message goes to a server, is looked at when the server runs, and comes back as the answer; it is one object all the
 * way, and knows the number of the question it belongs to. An answer to a question that is no longer open is dropped.
 */
#include "model/lockservice.h"

struct lockservice_message {
	struct lockservice *service;
	struct lockservice_ask *ask;
	uint64_t number;   /* of the question; 0: no answer is wanted */
	uint64_t crashes;  /* of the server when it looked at it */
	struct machine *client;
	int site, server;
	int64_t lock, length;
	uint64_t holder, key;
	bool (*apply)(struct lockservice_message *message);
	bool granted;
	uint64_t token;
	int64_t remains;
};

/* A change on its way to the replica. */
struct shipment {
	struct lockservice *service;
	struct lease lease;
	int64_t lock, lasts;
	uint64_t crashes;
	int from;
};

static struct lockservice_server *server_of(struct lockservice_message *message)
{
	return &message->service->server[message->server];
}

static struct lease *lease_of(struct lockservice_message *message)
{
	return &server_of(message)->lease[message->lock];
}

/* ---- what can be asked ---- */

static bool apply_acquire(struct lockservice_message *message)
{
	struct lease *lease = lease_of(message);
	int64_t local = machine_local(&server_of(message)->machine), delay = message->service->config->delay;
	bool granted = lease_acquire(lease, local, message->holder, message->length, delay);
	message->token = lease->token;
	message->remains = granted ? 0 : lease_remains(lease, local, delay);
	return granted;
}

static bool apply_renew(struct lockservice_message *message)
{
	int64_t local = machine_local(&server_of(message)->machine);
	message->token = lease_of(message)->token;
	return lease_renew(lease_of(message), local, message->holder, message->length);
}

static void tell_listeners(struct lockservice_message *message);

static bool apply_release(struct lockservice_message *message)
{
	struct lockservice *service = message->service;
	int64_t local = machine_local(&server_of(message)->machine);
	bool freed = lease_release(lease_of(message), local, message->holder, service->config->unchecked);
	if (freed && !service->config->kind->everywhere)
		tell_listeners(message);
	return freed;
}

/* ---- messages ---- */

static void drop(struct lockservice_message *message)
{
	freelist_give(&message->service->messages, message);
}

static void settle(struct lockservice_ask *ask, bool granted);

static void read_answer(struct sim *sim, void *subject, uint64_t unused)
{
	struct lockservice_message *message = subject;
	struct lockservice_ask *ask = message->ask;
	const struct lockservice_config *config = message->service->config;
	(void)sim;
	(void)unused;
	if (ask->number != message->number) {
		drop(message);
		return;
	}
	ask->answers++;
	if (message->granted) {
		ask->grants++;
		ask->token = message->token > ask->token ? message->token : ask->token;
	} else {
		ask->remains = message->remains;
	}
	drop(message);
	int needed = config->kind->everywhere ? lockservice_quorum(config) : 1;
	if (ask->grants >= needed)
		settle(ask, true);
	else if (ask->answers - ask->grants > ask->asked - needed)
		settle(ask, false);
}

static void answer_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct lockservice_message *message = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(message->client, read_answer, message, 0))
		drop(message);
}

static void answer(struct lockservice *service, struct lockservice_message *message)
{
	if (!message->number || !network_send(service->network, service->config->answer, message->server, message->site,
					      message->key, answer_arrives, message, 0))
		drop(message);
}

static void hear(struct sim *sim, void *subject, uint64_t unused)
{
	struct lockservice_message *message = subject;
	struct lockservice_ask *ask = message->ask;
	bool wanted = ask->listens == message->number;
	(void)sim;
	(void)unused;
	drop(message);
	ask->heard |= wanted;
	if (wanted && ask->number == 0)
		ask->freed(ask->owner, ask);
}

static void news_arrive(struct sim *sim, void *subject, uint64_t unused)
{
	struct lockservice_message *message = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(message->client, hear, message, 0))
		drop(message);
}

static void tell_listeners(struct lockservice_message *release)
{
	struct lockservice *service = release->service;
	for (struct lockservice_ask *ask = service->listener[release->lock]; ask; ask = ask->next) {
		struct lockservice_message *news =
			FREELIST_TAKE(&service->messages, &service->sim->arena, struct lockservice_message);
		*news = (struct lockservice_message){.service = service, .ask = ask, .number = ask->listens,
						     .client = ask->client, .key = ask->id << 20 | ask->messages++};
		if (!network_send(service->network, service->config->answer, release->server, ask->site, news->key,
				  news_arrive, news, 0))
			drop(news);
	}
}

static void look(struct sim *sim, void *subject, uint64_t unused)
{
	struct lockservice_message *message = subject;
	(void)sim;
	(void)unused;
	if (!message->service->config->kind->everywhere && message->server != message->service->leader) {
		drop(message); /* it led when it was asked */
		return;
	}
	message->crashes = server_of(message)->machine.crashes;
	message->granted = message->apply(message);
	message->service->config->kind->applied(message->service, message);
}

static void ask_arrives(struct sim *sim, void *subject, uint64_t unused)
{
	struct lockservice_message *message = subject;
	(void)sim;
	(void)unused;
	if (!machine_do(&server_of(message)->machine, look, message, 0))
		drop(message);
}

static void send(struct lockservice_ask *ask, int server, uint64_t number,
		 bool (*apply)(struct lockservice_message *message))
{
	struct lockservice *service = ask->service;
	struct lockservice_message *message =
		FREELIST_TAKE(&service->messages, &service->sim->arena, struct lockservice_message);
	*message = (struct lockservice_message){
		.service = service, .ask = ask, .number = number, .client = ask->client, .site = ask->site,
		.server = server, .lock = ask->lock, .length = ask->length, .holder = ask->holder,
		.key = ask->id << 20 | ask->messages++, .apply = apply};
	if (!network_send(service->network, service->config->ask, ask->site, server, message->key, ask_arrives,
			  message, 0))
		drop(message);
}

static void send_all(struct lockservice_ask *ask, uint64_t number,
		     bool (*apply)(struct lockservice_message *message))
{
	const struct lockservice_config *config = ask->service->config;
	if (config->kind->everywhere)
		for (int i = 0; i < config->servers; i++)
			send(ask, i, number, apply);
	else
		send(ask, ask->service->leader, number, apply);
}

/* ---- the client's side ---- */

static void close(struct lockservice_ask *ask)
{
	ask->number = 0;
	machine_timer_stop(&ask->timer);
}

void lockservice_listen(struct lockservice_ask *ask)
{
	struct lockservice *service = ask->service;
	struct lockservice_ask **first = &service->listener[ask->lock];
	CHECK(!ask->listens);
	ask->listens = ++service->asks;
	ask->next = *first;
	ask->previous = NULL;
	if (ask->next)
		ask->next->previous = ask;
	*first = ask;
}

void lockservice_forget(struct lockservice_ask *ask)
{
	close(ask);
	if (!ask->listens)
		return;
	*(ask->previous ? &ask->previous->next : &ask->service->listener[ask->lock]) = ask->next;
	if (ask->next)
		ask->next->previous = ask->previous;
	ask->listens = 0;
}

static void settle(struct lockservice_ask *ask, bool granted)
{
	bool late = machine_local(ask->client) - ask->sent >= ask->length;
	close(ask);
	if (granted && late && ask->service->config->kind->everywhere)
		granted = false; /* it took so long that the first grants have ended */
	if (granted)
		lockservice_forget(ask);
	else if (ask->heard)
		ask->remains = 1;
	if (!granted && ask->gives_back && (ask->grants > 0 || ask->answers < ask->asked))
		lockservice_release(ask);
	ask->answered(ask->owner, ask, granted);
}

static void give_up(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	settle(subject, false);
}

static void question(struct lockservice_ask *ask, int64_t length, bool gives_back,
		     bool (*apply)(struct lockservice_message *message))
{
	struct lockservice *service = ask->service;
	CHECK(ask->number == 0);
	ask->number = ++service->asks;
	ask->asked = service->config->kind->everywhere ? service->config->servers : 1;
	ask->answers = ask->grants = 0;
	ask->sent = machine_local(ask->client);
	ask->length = length;
	ask->gives_back = gives_back;
	ask->token = 0;
	ask->remains = 0;
	ask->heard = false;
	machine_timer_set(ask->client, &ask->timer, ask->sent + service->config->timeout, give_up, ask, 0);
	send_all(ask, ask->number, apply);
}

void lockservice_acquire(struct lockservice_ask *ask, int64_t length)
{
	ask->holder = (ask->id + 1) << 24 | (++ask->acquires & 0xffffff);
	question(ask, length, true, apply_acquire);
}

void lockservice_renew(struct lockservice_ask *ask, int64_t length)
{
	question(ask, length, false, apply_renew);
}

void lockservice_release(struct lockservice_ask *ask)
{
	send_all(ask, 0, apply_release);
}

bool lockservice_holds(const struct lockservice *service, int64_t lock, uint64_t holder)
{
	const struct lockservice_config *config = service->config;
	int holds = 0;
	for (int i = 0; i < config->servers; i++) {
		const struct lockservice_server *server = &service->server[i];
		if (config->kind->everywhere || i == service->leader)
			holds += lease_holder(&server->lease[lock], machine_local(&server->machine)) == holder;
	}
	return holds >= (config->kind->everywhere ? lockservice_quorum(config) : 1);
}

/* ---- servers ---- */

static void server_crashed(void *owner, struct machine *machine)
{
	struct lockservice *service = owner;
	service->config->kind->crashed(service, (int)machine->number);
}

static void server_restarted(void *owner, struct machine *machine)
{
	struct lockservice *service = owner;
	service->config->kind->restarted(service, (int)machine->number);
}

void lockservice_init(struct lockservice *service, struct sim *sim, const struct lockservice_config *config,
		      struct network *network, const int64_t *drift)
{
	size_t locks = (size_t)config->locks;
	CHECK(config->servers >= config->kind->least && config->servers <= config->kind->most);
	*service = (struct lockservice){.sim = sim, .config = config, .network = network};
	for (int i = 0; i < config->servers; i++) {
		struct lockservice_server *server = &service->server[i];
		server->service = service;
		server->number = i;
		server->lease = ARENA_ARRAY(&sim->arena, locks, struct lease);
		machine_init(&server->machine, sim, i, 0, drift ? drift[i] : 0);
		server->machine.crashed = server_crashed;
		server->machine.restarted = server_restarted;
		server->machine.owner = service;
	}
	service->listener = ARENA_ARRAY(&sim->arena, locks, struct lockservice_ask *);
	service->agreed = ARENA_ARRAY(&sim->arena, locks, struct lease);
	service->length = ARENA_ARRAY(&sim->arena, locks, int64_t);
}

/* It finds on its disk what it had granted, or nothing. */
static void start_again(struct lockservice *service, int number)
{
	struct lockservice_server *server = &service->server[number];
	int64_t local = machine_local(&server->machine);
	if (service->config->durable)
		return;
	for (int64_t i = 0; i < service->config->locks; i++) {
		booking_count(service->forgets, service->sim->now, lease_holder(&server->lease[i], local) != 0);
		server->lease[i] = (struct lease){0};
	}
}

static void nobody_notices(struct lockservice *service, int server)
{
	(void)service;
	(void)server;
}

/* The lease as the clock of another server has it. */
static struct lease moved(struct lease lease, int64_t from, int64_t to)
{
	lease.expires += to - from;
	lease.free_at += to - from;
	return lease;
}

/* ---- a replica that is told later ---- */

static void ship(struct sim *sim, void *subject, uint64_t unused)
{
	struct shipment *shipment = subject;
	struct lockservice *service = shipment->service;
	struct lockservice_server *from = &service->server[shipment->from], *to = &service->server[1 - shipment->from];
	(void)sim;
	(void)unused;
	if (from->machine.crashes == shipment->crashes && to->machine.up)
		to->lease[shipment->lock] = moved(shipment->lease, machine_local(&from->machine),
						  machine_local(&to->machine));
	freelist_give(&service->shipments, shipment);
}

static void replica_applied(struct lockservice *service, struct lockservice_message *message)
{
	if (message->granted) {
		struct shipment *shipment = FREELIST_TAKE(&service->shipments, &service->sim->arena, struct shipment);
		*shipment = (struct shipment){.service = service, .lease = *lease_of(message), .lock = message->lock,
					      .crashes = message->crashes, .from = message->server};
		sim_after(service->sim, service->config->lag, ship, shipment, 0);
	}
	answer(service, message);
}

static void take_over(struct sim *sim, void *subject, uint64_t dead)
{
	struct lockservice *service = subject;
	if (service->server[dead].machine.up || service->leader != (int)dead)
		return;
	if (!service->server[1 - dead].machine.up) {
		sim_after(service->sim, service->config->detect, take_over, service, dead);
		return;
	}
	service->leader = 1 - (int)dead;
	service->takeovers++;
	booking_count(service->forgets, sim->now, (uint64_t)service->forgetting);
}

static void replica_crashed(struct lockservice *service, int dead)
{
	const struct lockservice_server *old = &service->server[dead], *other = &service->server[1 - dead];
	int64_t local = machine_local(&old->machine), others = machine_local(&other->machine);
	if (dead != service->leader)
		return;
	service->forgetting = 0;
	for (int64_t i = 0; i < service->config->locks; i++) {
		uint64_t holder = lease_holder(&old->lease[i], local);
		service->forgetting += holder && lease_holder(&other->lease[i], others) != holder;
	}
	sim_after(service->sim, service->config->detect, take_over, service, (uint64_t)dead);
}

static void replica_restarted(struct lockservice *service, int server)
{
	const struct lockservice_server *leader = &service->server[service->leader];
	struct lockservice_server *back = &service->server[server];
	if (leader == back) {
		start_again(service, server); /* before anybody took over */
		return;
	}
	int64_t from = machine_local(&leader->machine), to = machine_local(&back->machine);
	for (int64_t i = 0; leader->machine.up && i < service->config->locks; i++)
		back->lease[i] = moved(leader->lease[i], from, to);
}

/* ---- consensus ---- */

static void confirmed(struct sim *sim, void *subject, uint64_t unused)
{
	struct lockservice_message *message = subject;
	struct lockservice *service = message->service;
	(void)sim;
	(void)unused;
	if (server_of(message)->machine.crashes != message->crashes || service->leader != message->server) {
		drop(message);
		return;
	}
	service->agreed[message->lock] = *lease_of(message);
	service->length[message->lock] = message->length;
	answer(service, message);
}

/* How long until most servers, the leader among them, have a change; -1: they do not get it. */
static int64_t confirmation(struct lockservice *service, const struct lockservice_message *message)
{
	const struct lockservice_config *config = service->config;
	int64_t takes[LOCKSERVICE_SERVERS];
	int reached = 0, needed = lockservice_quorum(config) - 1;
	for (int i = 0; i < config->servers; i++) {
		if (i == message->server || !service->server[i].machine.up)
			continue;
		uint64_t key = message->key << 4 | (uint64_t)i;
		int64_t there = network_takes(service->network, config->confirm, message->server, i, 2 * key);
		int64_t back = network_takes(service->network, config->confirm, i, message->server, 2 * key + 1);
		if (there < 0 || back < 0)
			continue;
		int at = reached++;
		for (; at > 0 && takes[at - 1] > there + back; at--)
			takes[at] = takes[at - 1];
		takes[at] = there + back;
	}
	if (needed == 0)
		return 0;
	return reached >= needed ? takes[needed - 1] : -1;
}

static void consensus_applied(struct lockservice *service, struct lockservice_message *message)
{
	if (!message->granted) {
		answer(service, message);
		return;
	}
	int64_t takes = confirmation(service, message);
	if (takes < 0)
		drop(message);
	else
		sim_after(service->sim, takes, confirmed, message, 0);
}

/* A server that leads, anew or again, knows what is agreed, and begins all leases anew. */
static void consensus_restarted(struct lockservice *service, int number)
{
	struct lockservice_server *server = &service->server[number];
	int64_t local = machine_local(&server->machine);
	for (int64_t i = 0; number == service->leader && i < service->config->locks; i++) {
		server->lease[i] = service->agreed[i];
		if (server->lease[i].holder)
			server->lease[i].expires = local + service->length[i];
		else
			server->lease[i].free_at = local;
	}
}

static void elect(struct sim *sim, void *subject, uint64_t dead)
{
	struct lockservice *service = subject;
	const struct lockservice_config *config = service->config;
	int up = 0, next = -1;
	(void)sim;
	if (service->leader != (int)dead || service->server[dead].machine.up)
		return;
	for (int i = 0; i < config->servers; i++) {
		up += service->server[i].machine.up;
		if (next < 0 && service->server[i].machine.up)
			next = i;
	}
	if (up < lockservice_quorum(config)) {
		sim_after(service->sim, config->detect, elect, service, dead);
		return;
	}
	service->leader = next;
	service->takeovers++;
	consensus_restarted(service, next);
}

static void consensus_crashed(struct lockservice *service, int dead)
{
	if (dead == service->leader)
		sim_after(service->sim, service->config->detect, elect, service, (uint64_t)dead);
}

const struct lockservice_kind lockservice_single = {
	.name = "single", .least = 1, .most = 1, .orders = true, .applied = answer, .crashed = nobody_notices,
	.restarted = start_again};
const struct lockservice_kind lockservice_replica = {
	.name = "replica", .least = 2, .most = 2, .orders = true, .applied = replica_applied,
	.crashed = replica_crashed, .restarted = replica_restarted};
const struct lockservice_kind lockservice_redlock = {
	.name = "redlock", .least = 3, .most = LOCKSERVICE_SERVERS, .everywhere = true, .applied = answer,
	.crashed = nobody_notices, .restarted = start_again};
const struct lockservice_kind lockservice_consensus = {
	.name = "consensus", .least = 3, .most = LOCKSERVICE_SERVERS, .orders = true, .applied = consensus_applied,
	.crashed = consensus_crashed, .restarted = consensus_restarted};
