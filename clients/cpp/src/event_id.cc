#include "event_id.h"

#include <cstdint>
#include <cstdio>
#include <random>

namespace personalize_gateway {

// A random UUID (version 4 of RFC 9562), from the random numbers of the operating system.
std::string NewEventId() {
  thread_local std::random_device device;
  const std::uint32_t a = device();
  const std::uint32_t b = device();
  const std::uint32_t c = device();
  const std::uint32_t d = device();
  char id[37];
  std::snprintf(id, sizeof id, "%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff,
                (c >> 16 & 0x3fff) | 0x8000, c & 0xffff, d);
  return id;
}

}  // namespace personalize_gateway
