/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Admits all. */
#include "model/limiter.h"

const struct limiter_kind limiter_off = {.name = "off"};
