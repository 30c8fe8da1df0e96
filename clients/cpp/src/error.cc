#include "personalize_gateway/error.h"

#include <charconv>
#include <iterator>
#include <utility>

#include "error_details.pb.h"

namespace personalize_gateway {
namespace {

constexpr char kDomain[] = "personalize-gateway";

// The code, the reason and the message, as what() has them.
std::string Shown(grpc::StatusCode code, const std::string& reason, const std::string& message) {
  std::string shown = "gateway: " + CodeName(code);
  if (!reason.empty()) {
    shown += " (" + reason + ")";
  }
  return shown + ": " + message;
}

// Reads the detail if it is a google.rpc message of that name.
template <typename Message>
bool Unpack(const google::protobuf::Any& detail, const char* name, Message* message) {
  return detail.type_url() == std::string("type.googleapis.com/google.rpc.") + name &&
         message->ParseFromString(detail.value());
}

// What of an ErrorInfo the gateway wrote: the reason of a proxy's is none of ours.
error_details::ErrorInfo InfoOf(const std::string& details) {
  error_details::Status status;
  status.ParseFromString(details);
  for (const auto& detail : status.details()) {
    error_details::ErrorInfo info;
    if (Unpack(detail, "ErrorInfo", &info) && info.domain() == kDomain) {
      return info;
    }
  }
  return {};
}

std::string FirstOf(const std::vector<Violation>& violations) {
  return violations.front().field + ": " + violations.front().description;
}

}  // namespace

bool operator==(const Violation& left, const Violation& right) {
  return left.field == right.field && left.rule == right.rule && left.description == right.description;
}

GatewayError::GatewayError(const grpc::Status& status)
    : std::runtime_error(
          Shown(status.error_code(), InfoOf(status.error_details()).reason(), status.error_message())),
      code_(status.error_code()),
      message_(status.error_message()) {
  ReadDetails(status.error_details());
}

GatewayError::GatewayError(std::vector<Violation> violations)
    : std::runtime_error(
          Shown(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELDS", FirstOf(violations))),
      code_(grpc::StatusCode::INVALID_ARGUMENT),
      reason_("INVALID_FIELDS"),
      message_(FirstOf(violations)),
      violations_(std::move(violations)),
      violation_count_(violations_.size()) {}

void GatewayError::ReadDetails(const std::string& details) {
  const error_details::ErrorInfo info = InfoOf(details);
  reason_ = info.reason();
  metadata_ = {info.metadata().begin(), info.metadata().end()};
  error_details::Status status;
  status.ParseFromString(details);
  for (const auto& detail : status.details()) {
    error_details::BadRequest bad_request;
    error_details::RetryInfo retry;
    if (Unpack(detail, "BadRequest", &bad_request)) {
      for (const auto& one : bad_request.field_violations()) {
        violations_.push_back({one.field(), one.reason(), one.description()});
      }
    } else if (Unpack(detail, "RetryInfo", &retry)) {
      retry_delay_ = std::chrono::seconds(retry.retry_delay().seconds()) +
                     std::chrono::nanoseconds(retry.retry_delay().nanos());
    }
  }
  violation_count_ = violations_.size();
  const std::string total = metadata_.count("violations") ? metadata_.at("violations") : "";
  std::from_chars(total.data(), total.data() + total.size(), violation_count_);
}

bool GatewayError::is_retryable() const {
  return code_ == grpc::StatusCode::UNAVAILABLE || retry_delay_.has_value();
}

std::string CodeName(grpc::StatusCode code) {
  static constexpr const char* kNames[] = {
      "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT",
      "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
      "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
      "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
      "UNAUTHENTICATED",
  };
  const auto number = static_cast<std::size_t>(code);
  return number < std::size(kNames) ? kNames[number] : "UNKNOWN";
}

}  // namespace personalize_gateway
