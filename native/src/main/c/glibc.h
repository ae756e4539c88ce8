/*
 * The versions of glibc's functions that this library is linked against, where the newest would shut out older releases:
 * glibc 2.34 moved the threads into libc.so.6 and gave them a version of its own. Other C libraries have no versions.
 */
#ifndef B4J_GLIBC_H
#define B4J_GLIBC_H

#ifdef __GLIBC__
#if defined(__x86_64__)
#define B4J_FIRST_VERSION "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define B4J_FIRST_VERSION "GLIBC_2.17"
#endif
#endif

#ifdef B4J_FIRST_VERSION
#define B4J_FIRST(function) __asm__(".symver " #function "," #function "@" B4J_FIRST_VERSION)
#else
#define B4J_FIRST(function) _Static_assert(1, #function)
#endif

#endif
