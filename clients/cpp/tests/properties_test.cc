// What Properties takes and refuses.

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fake.h"
#include "personalize_gateway/properties.h"

namespace personalize_gateway {
namespace {

constexpr std::int64_t kMaxExact = 9007199254740991;

using FieldsAndRules = std::vector<std::pair<std::string, std::string>>;

FieldsAndRules Refused(const Properties& properties) {
  const auto error = ErrorOf([&] { properties.Build(); });
  EXPECT_EQ(error.code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.reason(), "INVALID_FIELDS");
  EXPECT_EQ(error.violation_count(), error.violations().size());
  FieldsAndRules shown;
  for (const auto& one : error.violations()) {
    shown.emplace_back(one.field, one.rule);
  }
  return shown;
}

// Each type becomes the value that it is.
TEST(Properties, Values) {
  const auto built = Properties()
                         .Set("text", "gr\xc3\xbc\xc3\x9f" "e")
                         .Set("string", std::string("s"))
                         .Set("float", 0.1f)
                         .Set("double", 12.5)
                         .Set("least", -kMaxExact)
                         .Set("most", static_cast<std::uint64_t>(kMaxExact))
                         .Set("int", 7)
                         .Set("flag", false)
                         .Set("categories", {"Shoes", "Boots"})
                         .Build();
  const auto& fields = built.fields();
  EXPECT_EQ(fields.size(), 9u);
  EXPECT_EQ(fields.at("text").string_value(), "gr\xc3\xbc\xc3\x9f" "e");
  EXPECT_EQ(fields.at("string").string_value(), "s");
  EXPECT_EQ(fields.at("float").number_value(), 0.1);
  EXPECT_EQ(fields.at("double").number_value(), 12.5);
  EXPECT_EQ(fields.at("least").number_value(), -9007199254740991.0);
  EXPECT_EQ(fields.at("most").number_value(), 9007199254740991.0);
  EXPECT_EQ(fields.at("int").number_value(), 7.0);
  EXPECT_EQ(fields.at("flag").kind_case(), google::protobuf::Value::kBoolValue);
  ASSERT_EQ(fields.at("categories").list_value().values_size(), 2);
  EXPECT_EQ(fields.at("categories").list_value().values(1).string_value(), "Boots");
}

// A float stays the number that it prints as, and that number is the same float.
TEST(Properties, Floats) {
  for (const float number : {0.1f, 16777216.f, 1e-38f, 0.33333334f, -12345.678f, 3.0e15f}) {
    const auto built = Properties().Set("n", number).Build();
    EXPECT_EQ(static_cast<float>(built.fields().at("n").number_value()), number);
  }
}

// What a double would round, and what is no number, is refused: all of it, with its path.
TEST(Properties, NumbersThatAreRefused) {
  const FieldsAndRules expected = {
      {"properties[\"integer\"]", "PRECISION"},  {"properties[\"unsigned\"]", "PRECISION"},
      {"properties[\"negative\"]", "PRECISION"}, {"properties[\"double\"]", "PRECISION"},
      {"properties[\"nan\"]", "FINITE"},         {"properties[\"infinite\"]", "FINITE"},
  };
  EXPECT_EQ(Refused(Properties()
                        .Set("integer", kMaxExact + 1)
                        .Set("unsigned", std::numeric_limits<std::uint64_t>::max())
                        .Set("negative", std::numeric_limits<std::int64_t>::min())
                        .Set("double", 1e16)
                        .Set("nan", std::numeric_limits<double>::quiet_NaN())
                        .Set("infinite", std::numeric_limits<float>::infinity())),
            expected);
}

// A key that is set twice would lose one of its values.
TEST(Properties, KeyTwice) {
  const FieldsAndRules expected = {{"properties[\"price\"]", "DUPLICATE_PROPERTY"}};
  EXPECT_EQ(Refused(Properties().Set("price", 1).Set("price", "2")), expected);
}

// A key is shown cut, and without what plays tricks on a terminal.
TEST(Properties, KeyInAPath) {
  const std::string key = "\"\\\n\xc3\xbc" + std::string(60, 'k');
  const std::string shown = R"(\"\\\x0a\xc3\xbc)" + std::string(59, 'k') + "...";
  const FieldsAndRules expected = {{"properties[\"" + shown + "\"]", "FINITE"}};
  EXPECT_EQ(Refused(Properties().Set(key, std::numeric_limits<double>::infinity())), expected);
}

// A null is no text.
TEST(Properties, NullText) {
  const char* text = nullptr;
  EXPECT_THROW(Properties().Set("color", text), std::invalid_argument);
}

}  // namespace
}  // namespace personalize_gateway
