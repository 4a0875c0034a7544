/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/service.h"

static double at_least_one(double x)
{
	return x > 1 ? x : 1;
}

void service_init(struct service *service, struct sim *sim, const struct service_config *config, int64_t number,
		  int64_t servers, int64_t most)
{
	*service = (struct service){.sim = sim, .config = config};
	double limit = at_least_one((double)servers * config->limit);
	pool_init(&service->pool, sim, config->name, number, servers, config->queue);
	if (config->by_class)
		pool_by_class(&service->pool);
	limiter_init(&service->limiter, &sim->arena, config->limiter, limit, limit * 10);
	autoscaler_init(&service->scaler, servers, 1, most, config->target, config->scale_delay, 0.1);
}

static sim_event_fn worked;

void service_begin(struct service_visit *visit)
{
	struct service *service = visit->service;
	if (service->config->begins)
		service->config->begins(service->sim, visit->subject, 0);
	visit->turn.done = worked;
	pool_work_as(&service->pool, &visit->turn, visit->dropped ? 0 : visit->work, service->config->held);
}

static void turn_comes(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	service_begin(subject);
}

bool service_wait(struct service_visit *visit, int class)
{
	struct service *service = visit->service;
	visit->turn.done = turn_comes;
	if (pool_take_as(&service->pool, &visit->turn, class))
		return true;
	limiter_leave(&service->limiter, -1);
	return false;
}

/* The limiter learns how long it took. */
static void leave(struct service_visit *visit)
{
	struct service *service = visit->service;
	limiter_leave(&service->limiter, visit->dropped ? -1 : service->sim->now - visit->entered);
}

static void worked(struct sim *sim, void *subject, uint64_t unused)
{
	struct service_visit *visit = subject;
	(void)unused;
	if (!visit->service->config->held)
		leave(visit);
	visit->done(sim, visit->subject, 0);
}

void service_work(struct service_visit *visit, int64_t work, sim_event_fn *done)
{
	CHECK(visit->service->config->held);
	visit->done = done;
	pool_work_as(&visit->service->pool, &visit->turn, work, true);
}

void service_release(struct service_visit *visit)
{
	CHECK(visit->service->config->held);
	leave(visit);
	pool_return(&visit->service->pool);
}

double service_look(struct service *service, int64_t period, bool scales)
{
	int64_t now = service->sim->now;
	double busy = (double)(service->pool.served_ns - service->served) / (double)period;
	service->served = service->pool.served_ns;
	if (scales)
		autoscaler_step(&service->scaler, now, busy);
	else
		autoscaler_take(&service->scaler, now);
	return busy;
}

void service_resize(struct service *service, int64_t servers)
{
	limiter_resize(&service->limiter, at_least_one((double)servers * service->config->limit));
	if (servers != service->pool.servers)
		pool_resize(&service->pool, servers);
}

void service_slow(struct service *service, double factor)
{
	service->pool.slowness = factor;
}

void service_pause(struct service *service, int64_t length)
{
	pool_pause(&service->pool, length);
}
