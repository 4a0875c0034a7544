/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

/* "0.1.0", and the commit it was built from; "" when that is not known. */
const char *version_number(void);
const char *version_commit(void);

#endif
