/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * M/M/1 at load 0.9 for SimGrid, with two actors: one sleeps until the next arrival and releases a semaphore, the other
 * acquires it and sleeps for the time of service. An actor for each customer would cost more.
 *
 *   simgrid CUSTOMERS     prints ns a customer of processor time, the mean time in the system, the version
 */
#include <simgrid/s4u.hpp>
#include <simgrid/version.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <random>

namespace sg4 = simgrid::s4u;

static double processor_time()
{
	timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

int main(int argc, char **argv)
{
	sg4::Engine engine(&argc, argv);
	const long customers = argc > 1 ? std::atol(argv[1]) : 100000;
	sg4::NetZone *zone = sg4::create_full_zone("zone");
	sg4::Host *host = zone->create_host("host", 1e9);
	zone->seal();

	std::mt19937_64 random(1);
	std::exponential_distribution<double> gap(1), service(1 / 0.9);
	std::deque<double> arrival;
	sg4::SemaphorePtr waiting = sg4::Semaphore::create(0);
	double sum = 0;
	sg4::Actor::create("source", host, [&] {
		for (long i = 0; i < customers; i++) {
			sg4::this_actor::sleep_for(gap(random));
			arrival.push_back(sg4::Engine::get_clock());
			waiting->release();
		}
	});
	sg4::Actor::create("server", host, [&] {
		for (long i = 0; i < customers; i++) {
			waiting->acquire();
			sg4::this_actor::sleep_for(service(random));
			sum += sg4::Engine::get_clock() - arrival.front();
			arrival.pop_front();
		}
	});
	const double begun = processor_time();
	engine.run();
	const double took = processor_time() - begun;
	std::printf("%.2f\t%.4f\t%d.%d\n", took / static_cast<double>(customers), sum / static_cast<double>(customers),
		    SIMGRID_VERSION_MAJOR, SIMGRID_VERSION_MINOR);
	return 0;
}
