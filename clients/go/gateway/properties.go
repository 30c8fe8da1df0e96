package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/structpb"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// maxExactInteger is the largest whole number up to which a double holds each: 2^53 - 1.
const maxExactInteger = 1<<53 - 1

var (
	notUTF8 = &Violation{Description: "is not valid UTF-8"}
	nested  = violation(pb.Rule_RULE_NESTED_PROPERTY, "is neither text, number, boolean nor a list of texts")
)

// NonEmpty returns a pointer to the text, or nil where it is empty: for optional fields, in which an
// empty string is refused.
func NonEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Properties returns the map as the `properties` of a record. Values are strings, booleans, numbers of
// all types, and lists of strings; types made of these; and pointers to them.
//
// [structpb.NewStruct] rounds whole numbers beyond 2^53, turns nil into null and bytes into base64.
// Here each such value is a violation, as is NaN: all of them are in the *[Error]. A float32 stays
// the number that it prints as.
func Properties(properties map[string]any) (*structpb.Struct, error) {
	fields := make(map[string]*structpb.Value, len(properties))
	var violations []Violation
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		value, fault := propertyValue(key, properties[key])
		if fault != nil {
			path := fmt.Sprintf("properties[%s]", strconv.QuoteToASCII(shortened(key)))
			violations = append(violations, Violation{path, fault.Rule, fault.Description})
		}
		fields[key] = value
	}
	if violations != nil {
		return nil, refused(violations)
	}
	return &structpb.Struct{Fields: fields}, nil
}

// shortened cuts a key to 64 characters, as the gateway does where it shows one.
func shortened(key string) string {
	if characters := []rune(key); len(characters) > 64 {
		return string(characters[:64])
	}
	return key
}

func propertyValue(key string, value any) (*structpb.Value, *Violation) {
	if !utf8.ValidString(key) {
		return nil, notUTF8
	}
	if number, isNumber := value.(json.Number); isNumber {
		return jsonNumberValue(number)
	}
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
		return nil, violation(pb.Rule_RULE_NULL_PROPERTY, "is nil: leave the key out")
	case v.Kind() == reflect.String:
		return textValue(v.String())
	case v.Kind() == reflect.Bool:
		return structpb.NewBoolValue(v.Bool()), nil
	case v.CanInt():
		return integerValue(v.Int())
	case v.CanUint():
		return exactValue(float64(v.Uint()), v.Uint() <= maxExactInteger)
	case v.Kind() == reflect.Float32:
		return floatValue(strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64))
	case v.Kind() == reflect.Float64:
		return floatValue(v.Float(), nil)
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		return listValue(v)
	default:
		return nil, nested
	}
}

func jsonNumberValue(number json.Number) (*structpb.Value, *Violation) {
	if integer, err := number.Int64(); err == nil {
		return integerValue(integer)
	}
	return floatValue(number.Float64())
}

func textValue(text string) (*structpb.Value, *Violation) {
	if !utf8.ValidString(text) {
		return nil, notUTF8
	}
	return structpb.NewStringValue(text), nil
}

func integerValue(number int64) (*structpb.Value, *Violation) {
	return exactValue(float64(number), -maxExactInteger <= number && number <= maxExactInteger)
}

func exactValue(number float64, isExact bool) (*structpb.Value, *Violation) {
	if !isExact {
		return nil, violation(pb.Rule_RULE_PRECISION,
			"is a whole number from 2^53 on, which would be rounded: send it as a string")
	}
	return structpb.NewNumberValue(number), nil
}

func floatValue(number float64, err error) (*structpb.Value, *Violation) {
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return nil, violation(pb.Rule_RULE_FINITE, "is no finite number: leave the key out")
	}
	return exactValue(number, math.Abs(number) <= maxExactInteger)
}

func listValue(list reflect.Value) (*structpb.Value, *Violation) {
	if list.Kind() == reflect.Slice && list.IsNil() {
		return nil, violation(pb.Rule_RULE_NULL_PROPERTY, "is nil: leave the key out")
	}
	values := make([]*structpb.Value, list.Len())
	for i := range values {
		entry := list.Index(i)
		if entry.Kind() == reflect.Interface {
			entry = entry.Elem()
		}
		if entry.Kind() != reflect.String {
			return nil, nested
		}
		value, fault := textValue(entry.String())
		if fault != nil {
			return nil, fault
		}
		values[i] = value
	}
	return structpb.NewListValue(&structpb.ListValue{Values: values}), nil
}

func violation(rule pb.Rule, description string) *Violation {
	return &Violation{Rule: ruleName(rule), Description: description}
}
