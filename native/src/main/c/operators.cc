/*
 * All that JavaCPP's generated code asks of the C++ runtime. With these the library needs the C library alone, and loads
 * where there is no libstdc++; should a later JavaCPP ask for more, linking fails.
 */
#include <cstdlib>
#include <new>

const std::nothrow_t std::nothrow{};

void *operator new[](std::size_t size, const std::nothrow_t &) noexcept
{
	return std::malloc(size ? size : 1);
}

void operator delete[](void *memory) noexcept
{
	std::free(memory);
}
