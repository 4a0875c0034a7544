/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables of engine/ziggurat.h, made when a page begins instead of sent with it: 12 KB that nothing packs. They are
 * the same to the last bit (tests/t-ziggurat.c), though each number there was rounded once from many digits: here a
 * number is a pair, the sum of a double and of what it lacks, which has 106 bits (Dekker, Numer. Math. 18, 1971).
 *
 * Layers are of equal area: f(x[i+1]) = f(x[i]) + area / x[i], of which the density is known before the edge is. So no
 * exponential is asked for, only its inverse.
 */
#include "engine/ziggurat.h"

#include <math.h>

struct pair {
	double high, low;
};

/* What is left of a sum, however large its parts are. */
static struct pair sum(double a, double b)
{
	double s = a + b, part = s - a;
	return (struct pair){s, (a - (s - part)) + (b - part)};
}

static struct pair product(double a, double b)
{
	const double split = 0x1p27 + 1;
	double p = a * b, ca = split * a, cb = split * b;
	double ah = ca - (ca - a), al = a - ah, bh = cb - (cb - b), bl = b - bh;
	return (struct pair){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

static struct pair add(struct pair a, struct pair b)
{
	struct pair s = sum(a.high, b.high), t = sum(a.low, b.low);
	s = sum(s.high, s.low + t.high);
	return sum(s.high, s.low + t.low);
}

static struct pair negative(struct pair a)
{
	return (struct pair){-a.high, -a.low};
}

static struct pair times(struct pair a, struct pair b)
{
	struct pair p = product(a.high, b.high);
	return sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

static struct pair over(struct pair a, struct pair b)
{
	struct pair q = {a.high / b.high, 0};
	for (int i = 0; i < 2; i++) {
		struct pair left = add(a, negative(times(q, b)));
		q = add(q, (struct pair){left.high / b.high, 0});
	}
	return q;
}

static struct pair root(struct pair a)
{
	struct pair s = {sqrt(a.high), 0};
	struct pair left = add(a, negative(times(s, s)));
	return add(s, (struct pair){left.high / (2 * s.high), 0});
}

/* -ln y, 0 < y <= 1: the logarithm of 2 some times, and the series of the inverse of the hyperbolic tangent. */
static struct pair minus_ln(struct pair y)
{
	enum { TERMS = 25 };
	const struct pair one = {1, 0}, ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
	int halvings = 0;
	for (; y.high < 0.7; halvings++)
		y = (struct pair){2 * y.high, 2 * y.low};
	struct pair z = over(add(one, negative(y)), add(one, y)), square = times(z, z), series = {0, 0};
	for (int i = TERMS; i >= 0; i--)
		series = add(over(one, (struct pair){2 * i + 1, 0}), times(series, square));
	series = times(z, series);
	return add(times(ln2, (struct pair){halvings, 0}), (struct pair){2 * series.high, 2 * series.low});
}

static struct pair exp_edge(struct pair density)
{
	return minus_ln(density);
}

static struct pair normal_edge(struct pair density)
{
	struct pair half = minus_ln(density);
	return root((struct pair){2 * half.high, 2 * half.low});
}

/* `edge` and `density` are those where the tail begins. */
static void make(struct ziggurat_layer *layer, struct pair edge, struct pair density, struct pair area,
		 struct pair (*edge_of)(struct pair density))
{
	struct pair x = over(area, density), height = {0, 0}, next = edge, above = density;
	for (int i = 0; i < ZIGGURAT_LAYERS; i++) {
		struct pair ratio = over(next, x);
		double whole = floor(ratio.high * 0x1p53);
		layer[i].inside = (uint64_t)whole - (whole == ratio.high * 0x1p53 && ratio.low < 0);
		layer[i].width = x.high * 0x1p-53;
		layer[i].height = height.high;
		x = next;
		height = above;
		above = add(height, over(area, x));
		next = i + 2 < ZIGGURAT_LAYERS ? edge_of(above) : (struct pair){0, 0};
	}
	layer[ZIGGURAT_LAYERS] = (struct ziggurat_layer){0, 0, 1};
}

void ziggurat_make(struct ziggurat_layer *exp_layer, struct ziggurat_layer *normal_layer);
void ziggurat_make(struct ziggurat_layer *exp_layer, struct ziggurat_layer *normal_layer)
{
	make(exp_layer, (struct pair)ZIGGURAT_EXP_EDGE_PAIR, (struct pair)ZIGGURAT_EXP_DENSITY_PAIR,
	     (struct pair)ZIGGURAT_EXP_AREA_PAIR, exp_edge);
	make(normal_layer, (struct pair)ZIGGURAT_NORMAL_EDGE_PAIR, (struct pair)ZIGGURAT_NORMAL_DENSITY_PAIR,
	     (struct pair)ZIGGURAT_NORMAL_AREA_PAIR, normal_edge);
}

#ifdef ZIGGURAT_MADE
struct ziggurat_layer ziggurat_exp[ZIGGURAT_LAYERS + 1], ziggurat_normal[ZIGGURAT_LAYERS + 1];

__attribute__((constructor)) static void at_first(void)
{
	ziggurat_make(ziggurat_exp, ziggurat_normal);
}
#endif
