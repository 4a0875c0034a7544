#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes the constant tables of src/engine with 60 decimal digits.

usage: tables.py dmath     > src/engine/dmath-table.h
       tables.py ziggurat  > src/engine/ziggurat.h
"""
import struct
import sys
from decimal import Decimal as D, getcontext

getcontext().prec = 60

HEAD = """/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made by build-aux/tables.py; %s */
"""


def from_bits(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def grid(value, bits):
    """value rounded to a multiple of 2^-bits"""
    return (value * 2**bits).to_integral_value() / 2**bits


def dmath():
    steps = 128
    offset = 0x3FE6900000000000  # 1.0 is in the middle of its interval
    ln2 = D(2).ln()
    print(HEAD % "the meaning of the columns is told in dmath.c.", end="")
    print("#ifndef ENGINE_DMATH_TABLE_H\n#define ENGINE_DMATH_TABLE_H\n\n#include <stdint.h>\n")
    print("enum { DMATH_STEPS = %d };" % steps)
    print("#define DMATH_LOG_OFFSET UINT64_C(0x%x)" % offset)
    for name, value, bits in ("DMATH_LN2", ln2, 42), ("DMATH_STEP", ln2 / steps, 42):
        high = grid(value, bits)
        print("static const double %s_HIGH = %s, %s_LOW = %s;" %
              (name, float(high).hex(), name, float(value - high).hex()))
    print("static const double DMATH_STEPS_PER_ONE = %s;" % float(steps / ln2).hex())
    print("\nstatic const struct dmath_exp_row {\n\tdouble head, tail;\n} dmath_exp_table[DMATH_STEPS] = {")
    for k in range(steps):
        exact = (ln2 * k / steps).exp() if k else D(1)
        head = float(exact)
        print("\t{%s, %s}," % (head.hex(), float(exact - D(head)).hex()))
    print("};\n\nstatic const struct dmath_log_row {\n\tdouble inverse, high, low;\n} dmath_log_table[DMATH_STEPS] = {")
    for k in range(steps):
        first, last = (D(from_bits(offset + (k + i << 45))) for i in (0, 1))
        inverse = D(1) if first < 1 < last else grid(2 / (first + last), 11)
        exact = -inverse.ln()
        high = grid(exact, 42)
        print("\t{%s, %s, %s}," % (float(inverse).hex(), float(high).hex(), float(exact - high).hex()))
    print("};\n\n#endif")


def normal_tail(r):
    """The integral of exp(-x^2/2) from r to infinity: sqrt(pi/2) less the Taylor series."""
    pi = D("3.14159265358979323846264338327950288419716939937510582097494")
    term = total = r
    n = 0
    while abs(term) > D(10) ** -50:
        n += 1
        term *= -r * r / (2 * n)
        total += term / (2 * n + 1)
    return (pi / 2).sqrt() - total


SHAPES = {
    # name: density, its inverse, the integral of its tail, a bracket of the last edge
    "exp": (lambda x: (-x).exp(), lambda y: -y.ln(), lambda r: (-r).exp(), D(7), D(8)),
    "normal": (lambda x: (-x * x / 2).exp(), lambda y: (-2 * y.ln()).sqrt(), normal_tail, D("3.5"), D(4)),
}


def edges(shape, layers):
    """x[0..layers] of Marsaglia & Tsang: x[1] is where the tail begins, x[layers] = 0."""
    density, inverse, tail, low, high = SHAPES[shape]

    def build(r):
        area = r * density(r) + tail(r)
        x = [area / density(r), r]
        for _ in range(layers - 2):
            y = density(x[-1]) + area / x[-1]
            if y >= 1:
                return x, None
            x.append(inverse(y))
        return x, density(x[-1]) + area / x[-1] - 1  # 0 when the top layer closes exactly

    for _ in range(150):
        r = (low + high) / 2
        gap = build(r)[1]
        if gap is None or gap > 0:
            low = r
        else:
            high = r
    return build(high)[0] + [D(0)]


def ziggurat():
    layers = 256
    print(HEAD % "the meaning of the columns is told in rng.c.", end="")
    print("""#ifndef ENGINE_ZIGGURAT_H
#define ENGINE_ZIGGURAT_H

#include <stdint.h>

enum { ZIGGURAT_LAYERS = %d };

struct ziggurat_layer {
	uint64_t inside;
	double width, height;
};
""" % layers)
    tables = {shape: edges(shape, layers) for shape in ("exp", "normal")}
    for shape, x in tables.items():
        density = SHAPES[shape][0]
        name = "ZIGGURAT_" + shape.upper()
        print("#define %s_EDGE %s" % (name, float(x[1]).hex()))
        for what, exact in ("EDGE", x[1]), ("DENSITY", density(x[1])), ("AREA", x[0] * density(x[1])):
            high = D(float(exact))
            print("#define %s_%s_PAIR {%s, %s}" % (name, what, float(high).hex(), float(exact - high).hex()))
    print("""
#ifdef ZIGGURAT_MADE /* nothing packs them: a page makes them when it begins (build-aux/wasm-ziggurat.c) */
extern struct ziggurat_layer ziggurat_exp[ZIGGURAT_LAYERS + 1], ziggurat_normal[ZIGGURAT_LAYERS + 1];
#else""")
    for shape, x in tables.items():
        density = SHAPES[shape][0]
        print("static const struct ziggurat_layer ziggurat_%s[ZIGGURAT_LAYERS + 1] = {" % shape)
        for i in range(layers):
            inside = int(x[i + 1] / x[i] * 2**53)
            height = density(x[i]) if i else D(0)
            print("\t{UINT64_C(%d), %s, %s}," % (inside, float(x[i] / 2**53).hex(), float(height).hex()))
        print("\t{0, 0x0p+0, 0x1p+0},\n};\n")
    print("#endif\n\n#endif")


{"dmath": dmath, "ziggurat": ziggurat}[sys.argv[1]]()
