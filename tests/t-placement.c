/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where keys are, how many move, how even it is: what holds for every kind of the list, and the numbers that the papers
 * tell of each. The ring's points against the formulas for arcs and for neighbours.
 */
#include "model/placement.h"
#include "model/ring.h"
#include "tap.h"

static struct arena arena;

enum { MOST_NODES = 1024 };

static const struct placement_config usual = {.nodes = 12, .points = 100, .probes = 21, .slots = 65537, .slack = 1.25};

static const struct placement_kind *kind_of(const char *name)
{
	for (int i = 0; placement_kinds[i]; i++)
		if (strcmp(placement_kinds[i]->name, name) == 0)
			return placement_kinds[i];
	bail("no kind %s", name);
}

static struct placement placement_of(const struct placement_kind *kind, const struct placement_config *config,
				     int members)
{
	struct placement placement;
	placement_init(&placement, &arena, kind, config, members);
	return placement;
}

/* The share of the keys that move when a node comes (at the end) or leaves, and of those that need not have. */
struct moves {
	double all, needless;
};

static struct moves moves_of(struct placement *placement, int keys, int joins, int leaves)
{
	uint16_t *before = ARENA_ARRAY(&arena, (size_t)keys, uint16_t);
	for (int key = 0; key < keys; key++)
		before[key] = (uint16_t)placement_owner(placement, (uint64_t)key);
	if (joins >= 0)
		placement_join(placement, joins);
	if (leaves >= 0)
		placement_leave(placement, leaves);
	int moved = 0, needless = 0;
	for (int key = 0; key < keys; key++) {
		int now = placement_owner(placement, (uint64_t)key);
		moved += now != before[key];
		needless += now != before[key] && now != joins && before[key] != leaves;
	}
	return (struct moves){(double)moved / keys, (double)needless / keys};
}

/* The fullest of `members` nodes over the mean. */
static double fullest(const struct placement *placement, int keys)
{
	static int count[MOST_NODES];
	int most = 0;
	memset(count, 0, sizeof count);
	for (int key = 0; key < keys; key++) {
		int node = placement_owner(placement, (uint64_t)key);
		most = ++count[node] > most ? count[node] : most;
	}
	return (double)most * placement->members / keys;
}

static void check_every_kind(const struct placement_kind *kind)
{
	enum { KEYS = 60000 };
	struct placement one = placement_of(kind, &usual, 10), two = placement_of(kind, &usual, 10);
	struct placement_config other = usual;
	other.seed = 99;
	struct placement three = placement_of(kind, &other, 10);
	int outside = 0, differ = 0, reseeded = 0;
	for (uint64_t key = 0; key < KEYS; key++) {
		int node = placement_owner(&one, key);
		outside += node < 0 || node >= 10;
		differ += node != placement_owner(&two, key);
		reseeded += node != placement_owner(&three, key);
	}
	is_int(outside, 0, "%s: every key is on a node that is in", kind->name);
	is_int(differ, 0, "%s: equal placements place alike", kind->name);
	bool named = strcmp(kind->name, "modulo") != 0 && strcmp(kind->name, "jump") != 0;
	ok((reseeded > KEYS / 2) == named, "%s: a seed places anew where nodes have names", kind->name);
	double most = fullest(&one, KEYS);
	ok(most < 1.35, "%s: the fullest of ten nodes has %.3f times the mean", kind->name, most);

	bool bounded = strcmp(kind->name, "bounded") == 0; /* without loads it is a ring */
	struct moves joined = moves_of(&one, KEYS, 10, -1), left = moves_of(&two, KEYS, -1, 3);
	ok((joined.needless == 0) == (kind->joins || bounded), "%s: coming moves %.4f, %.4f of the keys needlessly",
	   kind->name, joined.all, joined.needless);
	ok((left.needless == 0) == (kind->leaves || bounded), "%s: leaving moves %.4f, %.4f of the keys needlessly",
	   kind->name, left.all, left.needless);
	placement_join(&two, 3);
	differ = 0;
	struct placement again = placement_of(kind, &usual, 10);
	for (uint64_t key = 0; key < KEYS; key++)
		differ += placement_owner(&again, key) != placement_owner(&two, key);
	is_int(differ, 0, "%s: who comes back finds his keys", kind->name);

	for (uint64_t key = 0; key < 1000; key++)
		placement_take(&again, key);
	int64_t sum = 0;
	for (int node = 0; node < 10; node++)
		for (sum += again.load[node]; again.load[node] > 0;)
			placement_give(&again, node);
	ok(sum == 1000 && again.total == 0 && again.looks >= 1000, "%s: loads add up", kind->name);
}

/* From ten to eleven nodes, a million keys. */
static void check_moves(void)
{
	enum { KEYS = 1000000, RINGS = 40 };
	static const struct {
		const char *kind;
		double share, within;
	} row[] = {
		{"modulo", 10. / 11, .002}, {"jump", 1. / 11, .002}, {"rendezvous", 1. / 11, .002},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct placement placement = placement_of(kind_of(row[i].kind), &usual, 10);
		near_to(moves_of(&placement, KEYS, 10, -1).all, row[i].share, row[i].within, "%s: from 10 to 11 nodes",
			row[i].kind);
	}
	double sum = 0;
	for (uint64_t seed = 1; seed <= RINGS; seed++) {
		struct placement_config config = usual;
		config.seed = seed * UINT64_C(0x9e3779b97f4a7c15);
		struct placement ring = placement_of(kind_of("ring"), &config, 10);
		sum += moves_of(&ring, 20000, 10, -1).all;
	}
	near_to(sum / RINGS, 1. / 11, .006, "ring of 100 points: from 10 to 11 nodes, mean of %d", RINGS);
}

/* What each node owns of the circle, mean 1. */
static void arcs_of(const struct ring *ring, double *arc)
{
	for (int node = 0; node < ring->nodes; node++)
		arc[node] = 0;
	for (int i = 0; i < ring->count; i++) {
		uint64_t length = ring->point[i] - ring->point[i > 0 ? i - 1 : ring->count - 1];
		arc[ring->owners[i * ring->replicas]] += (double)length * 0x1p-64 * ring->nodes;
	}
}

static double spread_of(int nodes, int points, bool weak, int seeds, double *most)
{
	static double arc[MOST_NODES];
	double squares = 0;
	*most = 0;
	for (int seed = 1; seed <= seeds; seed++) {
		struct ring ring;
		ring_build(&ring, &arena, &(struct ring_config){
			.nodes = nodes, .points = points, .replicas = 1, .weak_hash = weak,
			.seed = (uint64_t)seed * UINT64_C(0x9e3779b97f4a7c15)});
		arcs_of(&ring, arc);
		double greatest = 0;
		for (int node = 0; node < nodes; node++) {
			squares += (arc[node] - 1) * (arc[node] - 1);
			greatest = fmax(greatest, arc[node]);
		}
		*most += greatest / seeds;
	}
	return sqrt(squares / seeds / nodes);
}

static void check_arcs(void)
{
	double most;
	near_to(spread_of(1000, 1, false, 4, &most), 1, .08, "ring: arcs of one point differ by their mean");
	near_to(spread_of(1000, 100, false, 4, &most), .1, .005, "ring: with 100 points by a tenth of it");
	double weak = spread_of(1000, 100, true, 4, &most);
	ok(weak > .15, "ring: points by a weak hash cluster: their arcs differ by %.3f", weak);
	spread_of(10, 1, false, 400, &most);
	near_to(most, 2.929, .15, "ring: the longest of ten arcs, H(10) times the mean");
	spread_of(10, 100, false, 40, &most);
	near_to(most, 1.16, .05, "ring: with 100 points each");
	spread_of(10, 1000, false, 10, &most);
	near_to(most, 1.05, .05, "ring: with 1000");

	double weight[12] = {1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct placement_config config = usual;
	config.weight = weight;
	config.points = 1000;
	static const char *const weighted[] = {"ring", "rendezvous"};
	for (int i = 0; i < 2; i++) {
		struct placement placement = placement_of(kind_of(weighted[i]), &config, 10);
		int count = 0;
		for (uint64_t key = 0; key < 100000; key++)
			count += placement_owner(&placement, key) == 1;
		near_to(count / 1e5, 2. / 11, .012, "%s: twice the weight, twice the keys", weighted[i]);
	}
}

/* With copies in three racks: the nodes that a node shares a key with. */
static void check_neighbours(void)
{
	static const struct {
		int nodes, points;
		double neighbours, within;
	} row[] = {
		{60, 256, 40, .01}, {60, 16, 32.09, .6}, {60, 4, 13.32, .6}, {300, 256, 198.8, .5}, {300, 16, 54.9, .8},
	};
	enum { MOST = 300 };
	static bool shares[MOST][MOST];
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int nodes = row[i].nodes, rings = 6;
		double sum = 0;
		for (int seed = 1; seed <= rings; seed++) {
			struct ring ring;
			ring_build(&ring, &arena, &(struct ring_config){
				.nodes = nodes, .points = row[i].points, .replicas = 3, .racks = 3,
				.seed = (uint64_t)seed * UINT64_C(0x9e3779b97f4a7c15)});
			memset(shares, 0, sizeof shares);
			for (int at = 0; at < ring.count * 3; at += 3)
				for (int k = 0; k < 9; k++)
					shares[ring.owners[at + k / 3]][ring.owners[at + k % 3]] = true;
			for (int a = 0; a < nodes; a++)
				for (int b = 0; b < nodes; b++)
					sum += a != b && shares[a][b];
		}
		near_to(sum / rings / nodes, row[i].neighbours, row[i].within,
			"neighbours of one of %d nodes, %d points each", nodes, row[i].points);
	}
}

static void check_maglev(void)
{
	double needless = 0, most = 0;
	enum { SEEDS = 12, REMOVED = 3 };
	struct placement_config config = usual;
	for (int seed = 1; seed <= SEEDS; seed++) {
		config.seed = (uint64_t)seed * UINT64_C(0x9e3779b97f4a7c15);
		struct placement maglev = placement_of(kind_of("maglev"), &config, 10);
		static int owner[65537];
		int count[16] = {0}, moved = 0;
		for (uint64_t slot = 0; slot < 65537; slot++) {
			int64_t looks = 0;
			owner[slot] = maglev.kind->owner(&maglev, slot, &looks);
			count[owner[slot]]++;
		}
		for (int node = 0; node < 10; node++)
			most = fmax(most, count[node] * 10 / 65537.);
		placement_leave(&maglev, REMOVED);
		for (uint64_t slot = 0; slot < 65537; slot++) {
			int64_t looks = 0;
			moved += maglev.kind->owner(&maglev, slot, &looks) != owner[slot];
		}
		needless += moved / 65537. / SEEDS;
	}
	ok(most < 1.001, "maglev: the fullest of ten nodes has %.5f times the mean", most);
	near_to(needless, .1024, .002, "maglev: slots that change hands when one of ten leaves");
	ok(placement_prime(2) && placement_prime(65537) && !placement_prime(65536) && !placement_prime(1) &&
		   !placement_prime(49),
	   "primes");
}

static void check_bounded(void)
{
	enum { NODES = 100, KEYS = 10000, RINGS = 40 };
	double looks = 0;
	bool within = true;
	struct placement_config config = {.nodes = NODES, .points = 1, .slack = 1.25};
	for (int seed = 1; seed <= RINGS; seed++) {
		config.seed = (uint64_t)seed * UINT64_C(0x9e3779b97f4a7c15);
		struct placement bounded = placement_of(kind_of("bounded"), &config, NODES);
		for (uint64_t key = 0; key < KEYS; key++) {
			int node = placement_take(&bounded, key);
			within = within && bounded.load[node] <= ceil(1.25 * (double)(key + 1) / NODES);
		}
		looks += (double)bounded.looks / KEYS / RINGS;
	}
	ok(within, "bounded loads: nobody has more than 1.25 times the mean, rounded up");
	near_to(looks, 2.4, .3, "bounded loads: nodes asked for a key");
	struct placement ring = placement_of(kind_of("ring"), &config, NODES);
	ok(fullest(&ring, KEYS) > 3, "canary: on the plain ring somebody has much more");
}

/*
 * The share of a node with k probes, mean 1. A probe is nearer than d to a point with probability H(d) = sum of
 * min(d, gap) over all gaps before points; so the node behind a gap g has k * integral from 0 to g of (1 - H)^(k - 1),
 * and H is straight between two gaps.
 */
static double share_of(const struct ring *ring, int probes, int node)
{
	static double gap[MOST_NODES];
	double own = 0;
	int nodes = ring->count;
	for (int i = 0; i < nodes; i++) {
		gap[i] = (double)(ring->point[i] - ring->point[i > 0 ? i - 1 : nodes - 1]) * 0x1p-64;
		own = ring->owners[i] == node ? gap[i] : own;
	}
	double share = 0, at = 0, near = 0;
	while (at < own) {
		double next = own;
		int slope = 0;
		for (int i = 0; i < nodes; i++) {
			slope += gap[i] > at;
			next = gap[i] > at ? fmin(next, gap[i]) : next;
		}
		double then = near + slope * (next - at);
		share += (pow(1 - near, probes) - pow(1 - fmin(then, 1), probes)) / slope;
		near = then;
		at = next;
	}
	return share * nodes;
}

static void check_probes(void)
{
	enum { NODES = 100, KEYS = 300000 };
	struct placement_config config = {.nodes = NODES, .probes = 21};
	struct placement probes = placement_of(kind_of("multi-probe"), &config, NODES);
	static int count[NODES];
	for (uint64_t key = 0; key < KEYS; key++)
		count[placement_owner(&probes, key)]++;
	double worst = 0, most = 0;
	for (int node = 0; node < NODES; node++) {
		double share = share_of(probes.state, 21, node), sd = sqrt(share * NODES / KEYS);
		worst = fmax(worst, fabs((double)count[node] * NODES / KEYS - share) / sd);
	}
	ok(worst < 4, "multi-probe: all nodes have what the integral says, within %.2f standard deviations", worst);

	config.nodes = 1000;
	struct placement many = placement_of(kind_of("multi-probe"), &config, 1000);
	for (int node = 0; node < 1000; node++)
		most = fmax(most, share_of(many.state, 21, node));
	near_to(most, 1 + 1. / 20, .015, "multi-probe: with 21 probes the fullest of 1000 nodes has 1 + 1/20");
}

int main(void)
{
	arena_init(&arena);
	for (int i = 0; placement_kinds[i]; i++) {
		is_text(placement_kinds[i]->name, placement_names[i], "%s is called so", placement_names[i]);
		check_every_kind(placement_kinds[i]);
	}
	check_moves();
	check_arcs();
	check_neighbours();
	check_maglev();
	check_bounded();
	check_probes();
	arena_free(&arena);
	return done_testing();
}
