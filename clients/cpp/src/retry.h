#pragma once

#include <chrono>
#include <functional>

#include <grpcpp/support/status.h>

namespace personalize_gateway {

// What gRPC itself is told: to retry UNAVAILABLE. Then nothing was stored, and when a connection is
// lost, event IDs make it harmless to send again. What changes trackers or dead letters is left to its
// caller.
extern const char kRetryConfig[];

using Deadline = std::chrono::system_clock::time_point;

// Makes attempts until one is served, refused for good, or the next would be too late. A service config
// cannot see the details of an error, so what the gateway said to send again later is retried here:
// not before, a little spread, and only if the deadline leaves the time.
grpc::Status Attempts(bool retries, Deadline deadline, const std::function<grpc::Status()>& attempt);

}  // namespace personalize_gateway
