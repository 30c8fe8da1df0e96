#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <grpcpp/support/status.h>

namespace personalize_gateway {

// A place where a request breaks a rule.
struct Violation {
  // The path of the field: `events[3].properties["timestamp"]`.
  std::string field;
  // The name of a value of the enum Rule, without its prefix: `REQUIRED`. Where Personalize refused a
  // request, it is the error code of AWS.
  std::string rule;
  // What is wrong and what to send instead, for a developer.
  std::string description;
};

bool operator==(const Violation& left, const Violation& right);

// Why a request was not served. All methods of a client throw it; make one of a status that a raw stub
// returns.
class GatewayError : public std::runtime_error {
 public:
  // Reads a status, which is not OK, and its details.
  explicit GatewayError(const grpc::Status& status);

  // The kind of error.
  grpc::StatusCode code() const { return code_; }

  // The name of a value of the enum ErrorReason, without its prefix: `INVALID_FIELDS`. Empty where the
  // error comes from elsewhere: from a proxy, the connection or the deadline.
  const std::string& reason() const { return reason_; }

  // What happened and what to do, for a developer.
  const std::string& message() const { return message_; }

  // The fields at fault, 20 at most.
  const std::vector<Violation>& violations() const { return violations_; }

  // How many there are in all.
  std::size_t violation_count() const { return violation_count_; }

  // How long to wait before the same is sent again, where the gateway said so.
  std::optional<std::chrono::nanoseconds> retry_delay() const { return retry_delay_; }

  // That of the ErrorInfo; the comments of ErrorReason tell of it.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  // Whether the same request may be served later: nothing of it was stored, or event IDs make it
  // harmless to send it again.
  bool is_retryable() const;

 private:
  friend class Properties;

  // What a gateway would answer to fields that break rules; there is at least one.
  explicit GatewayError(std::vector<Violation> violations);

  void ReadDetails(const std::string& details);

  grpc::StatusCode code_;
  std::string reason_;
  std::string message_;
  std::vector<Violation> violations_;
  std::size_t violation_count_ = 0;
  std::optional<std::chrono::nanoseconds> retry_delay_;
  std::map<std::string, std::string> metadata_;
};

// The name of a code: `INVALID_ARGUMENT`.
std::string CodeName(grpc::StatusCode code);

}  // namespace personalize_gateway
