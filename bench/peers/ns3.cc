/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * M/M/1 at load 0.9 for ns-3, by its scheduling of events: an arrival schedules the next, and a departure when the server
 * is idle. And the hold model: an event schedules one an exponential time later.
 *
 *   ns3 CUSTOMERS         prints ns a customer of processor time, the mean time in the system, the version
 *   ns3 hold PENDING      prints ns a hold, the mean advance between holds times PENDING (1 is right), the version
 */
#include <ns3/core-module.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <random>

#ifndef NS3_VERSION
#define NS3_VERSION "?"
#endif

using ns3::NanoSeconds;
using ns3::Simulator;

static std::mt19937_64 generator(1);
static std::exponential_distribution<double> exponential(1);

static double processor_time()
{
	timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/* The clock ticks in ns: the mean gap is a second. */
static ns3::Time later(double mean)
{
	return NanoSeconds(static_cast<int64_t>(exponential(generator) * mean * 1e9));
}

/* ---- M/M/1 ---- */

static long arrivals_left, served;
static std::deque<int64_t> arrival;
static double sum;

static void leave()
{
	sum += static_cast<double>(Simulator::Now().GetNanoSeconds() - arrival.front());
	arrival.pop_front();
	served++;
	if (!arrival.empty())
		Simulator::Schedule(later(0.9), &leave);
}

static void arrive()
{
	arrival.push_back(Simulator::Now().GetNanoSeconds());
	if (arrival.size() == 1)
		Simulator::Schedule(later(0.9), &leave);
	if (--arrivals_left > 0)
		Simulator::Schedule(later(1), &arrive);
}

static void queue(long customers)
{
	arrivals_left = customers;
	const double begun = processor_time();
	Simulator::Schedule(later(1), &arrive);
	Simulator::Run();
	const double took = processor_time() - begun;
	std::printf("%.2f\t%.4f\t%s\n", took / static_cast<double>(customers), sum / 1e9 / static_cast<double>(served),
		    NS3_VERSION);
}

/* ---- hold ---- */

static long holds_left;

static void hold()
{
	if (--holds_left == 0)
		Simulator::Stop();
	Simulator::Schedule(later(1), &hold);
}

static void holds(long pending)
{
	const long before = pending < 500000 ? 500000 : pending, count = 500000;
	for (long i = 0; i < pending; i++)
		Simulator::Schedule(later(1), &hold);
	holds_left = before;
	Simulator::Run();
	const double begun = processor_time(), time = Simulator::Now().GetSeconds();
	holds_left = count;
	Simulator::Run();
	const double took = processor_time() - begun;
	std::printf("%.2f\t%.4f\t%s\n", took / static_cast<double>(count),
		    (Simulator::Now().GetSeconds() - time) / static_cast<double>(count) * static_cast<double>(pending),
		    NS3_VERSION);
}

int main(int argc, char **argv)
{
	if (argc > 2 && std::strcmp(argv[1], "hold") == 0)
		holds(std::atol(argv[2]));
	else
		queue(argc > 1 ? std::atol(argv[1]) : 100000);
	Simulator::Destroy();
	return 0;
}
