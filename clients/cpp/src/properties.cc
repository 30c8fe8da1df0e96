#include "personalize_gateway/properties.h"

#include <cmath>
#include <limits>
#include <locale>
#include <sstream>
#include <stdexcept>

namespace personalize_gateway {
namespace {

// The largest whole number up to which a double holds each.
constexpr double kMaxExactInteger = 9007199254740991;
constexpr std::size_t kShownBytes = 64;

constexpr char kInexact[] = "is a whole number from 2^53 on, which would be rounded: send it as a text";
constexpr char kNotFinite[] = "is no finite number: leave the key out";

// The number that a float prints as: 0.1f is 0.10000000149011612 as a double.
double Printed(float number) {
  for (int digits = std::numeric_limits<float>::digits10; ; ++digits) {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text.precision(digits);
    text << number;
    std::istringstream again(text.str());
    again.imbue(std::locale::classic());
    double printed = 0;
    again >> printed;
    if (static_cast<float>(printed) == number || digits >= std::numeric_limits<float>::max_digits10) {
      return printed;
    }
  }
}

// A key as a path shows it: cut, and all but visible ASCII escaped.
std::string Quoted(const std::string& key) {
  std::ostringstream quoted;
  quoted << '"' << std::hex;
  for (const unsigned char byte : key.substr(0, kShownBytes)) {
    if (byte == '"' || byte == '\\') {
      quoted << '\\' << byte;
    } else if (byte >= ' ' && byte <= '~') {
      quoted << byte;
    } else {
      quoted << "\\x" << (byte >> 4) << (byte & 0xf);
    }
  }
  quoted << (key.size() > kShownBytes ? "...\"" : "\"");
  return quoted.str();
}

}  // namespace

Properties& Properties::Set(const std::string& key, const std::string& text) {
  Column(key)->set_string_value(text);
  return *this;
}

Properties& Properties::Set(const std::string& key, const char* text) {
  if (text == nullptr) {
    throw std::invalid_argument("gateway: properties: a text is null: leave the key out");
  }
  return Set(key, std::string(text));
}

Properties& Properties::Set(const std::string& key, double number) {
  if (!std::isfinite(number)) {
    Refuse(key, "FINITE", kNotFinite);
    return *this;
  }
  return SetInteger(key, number, std::abs(number) <= kMaxExactInteger);
}

Properties& Properties::Set(const std::string& key, float number) {
  return Set(key, std::isfinite(number) ? Printed(number) : static_cast<double>(number));
}

Properties& Properties::Set(const std::string& key, const std::vector<std::string>& categories) {
  auto* list = Column(key)->mutable_list_value();
  for (const auto& category : categories) {
    list->add_values()->set_string_value(category);
  }
  return *this;
}

Properties& Properties::SetBoolean(const std::string& key, bool value) {
  Column(key)->set_bool_value(value);
  return *this;
}

Properties& Properties::SetInteger(const std::string& key, double value, bool is_exact) {
  if (is_exact) {
    Column(key)->set_number_value(value);
  } else {
    Refuse(key, "PRECISION", kInexact);
  }
  return *this;
}

google::protobuf::Struct Properties::Build() const {
  if (!violations_.empty()) {
    throw GatewayError(violations_);
  }
  return message_;
}

google::protobuf::Value* Properties::Column(const std::string& key) {
  auto& fields = *message_.mutable_fields();
  if (fields.count(key) != 0) {
    Refuse(key, "DUPLICATE_PROPERTY", "is set twice");
    fields[key].Clear();
  }
  return &fields[key];
}

void Properties::Refuse(const std::string& key, const char* rule, const char* description) {
  violations_.push_back({"properties[" + Quoted(key) + "]", rule, description});
}

}  // namespace personalize_gateway
