// What reading costs, counted: a thread that has read before allocates nothing for what comes next, whatever it says.
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "json/document.hpp"

namespace {
thread_local std::size_t allocations = 0;
}

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // GCC sees malloc() through what is inlined

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace nx::json {
namespace {

std::string object_of(const std::string& member) {
  std::string text = "{";
  while (text.size() < 131'000) text += member + ",";
  text.back() = '}';
  return text;
}

std::size_t allocations_of_reading(const std::string& text) {
  const std::size_t before = allocations;
  const auto document = Document::read(text);
  EXPECT_TRUE(document) << text.substr(0, 40);
  const View last = document->root().find("none");
  std::size_t members = 0;
  for (const auto& [name, value] : document->root().members()) members += value.is(last) ? 0 : 1;
  EXPECT_GE(members, 1U);
  return allocations - before;
}

TEST(Allocations, ATextCostsNoneWhateverItSays) {
  for (const std::string member : {R"("a":0)", R"("\u0061":[[],{}])", R"("s":"long text, long text, long text")",
                                   R"("n":-12345678901234567890.5e-7)"}) {
    const std::string text = object_of(member);
    allocations_of_reading(text);
    EXPECT_EQ(allocations_of_reading(text), 0U) << member;
  }
}

}  // namespace
}  // namespace nx::json
