#include "counted_allocations.hpp"

#include <cstdlib>
#include <new>

namespace {
thread_local std::uint64_t counted = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++counted;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++counted;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

std::uint64_t nx::testing::allocations() {
  return counted;
}
