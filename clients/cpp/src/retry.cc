#include "retry.h"

#include <algorithm>
#include <optional>
#include <random>
#include <thread>

#include "personalize_gateway/error.h"

namespace personalize_gateway {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kMinRetryDelay = std::chrono::milliseconds(10);

// A time that is no shorter, and up to a quarter longer, so that callers that were told the same do not
// come back at once.
nanoseconds Jittered(nanoseconds delay) {
  thread_local std::minstd_rand random(std::random_device{}());
  delay = std::max(delay, kMinRetryDelay);
  return delay + nanoseconds(std::uniform_int_distribution<nanoseconds::rep>(0, delay.count() / 4)(random));
}

std::optional<nanoseconds> PauseAfter(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) {
    return std::nullopt;
  }
  const auto delay = GatewayError(status).retry_delay();
  return delay ? std::optional(Jittered(*delay)) : std::nullopt;
}

}  // namespace

const char kRetryConfig[] = R"({"methodConfig": [{
  "name": [
    {"service": "personalize_gateway.v1.EventService"},
    {"service": "personalize_gateway.v1.CatalogService"},
    {"service": "personalize_gateway.v1.IngestService", "method": "IngestBatch"},
    {"service": "personalize_gateway.v1.RouteService"}
  ],
  "retryPolicy": {
    "maxAttempts": 5,
    "initialBackoff": "0.2s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"]
  }
}]})";

grpc::Status Attempts(bool retries, Deadline deadline, const std::function<grpc::Status()>& attempt) {
  while (true) {
    const grpc::Status status = attempt();
    const auto pause = retries ? PauseAfter(status) : std::nullopt;
    if (!pause || *pause >= deadline - std::chrono::system_clock::now()) {
      return status;
    }
    std::this_thread::sleep_for(*pause);
  }
}

}  // namespace personalize_gateway
