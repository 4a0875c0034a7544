/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/version.h"

#if __has_include("commit.h")
#include "commit.h"
#endif

#ifndef CASEBOOK_COMMIT
#define CASEBOOK_COMMIT ""
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

const char *version_number(void)
{
	return PACKAGE_VERSION;
}

const char *version_commit(void)
{
	return CASEBOOK_COMMIT;
}
