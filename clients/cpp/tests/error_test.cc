// What an error reads of a status.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fake.h"
#include "personalize_gateway/error.h"

namespace personalize_gateway {
namespace {

// All that a status says is in the error.
TEST(Error, HasTheDetails) {
  error_details::BadRequest bad_request;
  auto* field = bad_request.add_field_violations();
  field->set_field("events[0].user_id");
  field->set_reason("MIN_LENGTH");
  field->set_description("is empty");
  auto details = Details("INVALID_FIELDS");
  AddDetail(&details, "BadRequest", bad_request);
  AddDetail(&details, "RetryInfo", RetryAfter(std::chrono::milliseconds(1500)));
  AddDetail(&details, "Help", bad_request);

  const GatewayError error(Answer(grpc::StatusCode::INVALID_ARGUMENT, "wrong", details));
  EXPECT_EQ(error.code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.reason(), "INVALID_FIELDS");
  EXPECT_EQ(error.message(), "wrong");
  EXPECT_STREQ(error.what(), "gateway: INVALID_ARGUMENT (INVALID_FIELDS): wrong");
  EXPECT_EQ(error.violations(), (std::vector<Violation>{{"events[0].user_id", "MIN_LENGTH", "is empty"}}));
  EXPECT_EQ(error.violation_count(), 25u);
  EXPECT_EQ(error.retry_delay(), std::chrono::milliseconds(1500));
  EXPECT_EQ(error.metadata(), (std::map<std::string, std::string>{{"violations", "25"}}));
}

// A reason of another domain is not the gateway's.
TEST(Error, ForeignReason) {
  const GatewayError error(
      Answer(grpc::StatusCode::PERMISSION_DENIED, "no", Details("RBAC", "proxy.example")));
  EXPECT_EQ(error.reason(), "");
  EXPECT_TRUE(error.metadata().empty());
}

// Details that are none do no harm.
TEST(Error, BrokenDetails) {
  const GatewayError error(grpc::Status(grpc::StatusCode::INTERNAL, "no", "\xff"));
  EXPECT_STREQ(error.what(), "gateway: INTERNAL: no");
  EXPECT_FALSE(error.is_retryable());
}

// Every code has its name.
TEST(Error, CodeNames) {
  EXPECT_EQ(CodeName(grpc::StatusCode::OK), "OK");
  EXPECT_EQ(CodeName(grpc::StatusCode::FAILED_PRECONDITION), "FAILED_PRECONDITION");
  EXPECT_EQ(CodeName(grpc::StatusCode::UNAUTHENTICATED), "UNAUTHENTICATED");
  EXPECT_EQ(CodeName(static_cast<grpc::StatusCode>(99)), "UNKNOWN");
}

}  // namespace
}  // namespace personalize_gateway
