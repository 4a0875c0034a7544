/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libcore asks of its host, in a browser: a mistake of our own leaves word of itself (web_failure of web/web.h)
 * and traps. Debian's builtins were compiled with the stack protector, which its wasi-libc does not support.
 */
#include "base/check.h"
#include "web/web.h"

#include <stdio.h>
#include <wasi/api.h>

static char failure[400];

__attribute__((export_name("web_failure"))) const char *web_failure(void);
const char *web_failure(void)
{
	return failure;
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	snprintf(failure, sizeof failure, "%s:%d: %s", file, line, what);
	__builtin_trap();
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	snprintf(failure, sizeof failure, "no memory for %lu bytes", (unsigned long)bytes);
	__builtin_trap();
}

unsigned long __stack_chk_guard = 0x3d0cb3a7;
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	check_failed("the stack", 0, "is whole");
}

/* The C library's buffers would end here, and nothing of libcore writes to any: so a module imports nothing. */
__wasi_errno_t __wasi_fd_write(__wasi_fd_t file, const __wasi_ciovec_t *parts, size_t count, __wasi_size_t *written)
{
	(void)file;
	(void)parts;
	(void)count;
	(void)written;
	return __WASI_ERRNO_BADF;
}

__wasi_errno_t __wasi_fd_seek(__wasi_fd_t file, __wasi_filedelta_t by, __wasi_whence_t from, __wasi_filesize_t *at)
{
	(void)file;
	(void)by;
	(void)from;
	(void)at;
	return __WASI_ERRNO_BADF;
}

__wasi_errno_t __wasi_fd_close(__wasi_fd_t file)
{
	(void)file;
	return __WASI_ERRNO_BADF;
}
