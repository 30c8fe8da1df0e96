#pragma once

#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <google/protobuf/struct.pb.h>

#include "personalize_gateway/error.h"

namespace personalize_gateway {

// Makes the `properties` of a record:
//
//   *item.mutable_properties() = Properties().Set("price", 12.5).Set("category", {"Shoes", "Boots"}).Build();
//
// A number of the messages is a double: what it would round, and NaN, is refused here, as the gateway
// would refuse it. A float stays the number that it prints as.
class Properties {
 public:
  Properties& Set(const std::string& key, const std::string& text);
  // Throws std::invalid_argument where the text is null.
  Properties& Set(const std::string& key, const char* text);
  Properties& Set(const std::string& key, double number);
  Properties& Set(const std::string& key, float number);
  Properties& Set(const std::string& key, const std::vector<std::string>& categories);
  Properties& Set(const std::string& key, std::initializer_list<std::string> categories) {
    return Set(key, std::vector<std::string>(categories));
  }

  // Booleans and whole numbers of all types. No other type becomes one of them by itself.
  template <typename T, typename = std::enable_if_t<std::is_integral_v<T>>>
  Properties& Set(const std::string& key, T value) {
    if constexpr (std::is_same_v<T, bool>) {
      return SetBoolean(key, value);
    } else {
      return SetInteger(key, static_cast<double>(value), IsExact(value));
    }
  }

  // Returns the message, or throws GatewayError with all that is wrong.
  google::protobuf::Struct Build() const;

 private:
  template <typename T>
  static constexpr bool IsExact(T value) {
    if constexpr (std::numeric_limits<T>::digits <= 53) {
      return true;
    } else {
      constexpr T kMax = (T{1} << 53) - 1;
      return value <= kMax && (std::is_unsigned_v<T> || value >= static_cast<T>(-kMax));
    }
  }

  Properties& SetBoolean(const std::string& key, bool value);
  Properties& SetInteger(const std::string& key, double value, bool is_exact);

  // The value of a column that is not set yet.
  google::protobuf::Value* Column(const std::string& key);
  void Refuse(const std::string& key, const char* rule, const char* description);

  google::protobuf::Struct message_;
  std::vector<Violation> violations_;
};

}  // namespace personalize_gateway
