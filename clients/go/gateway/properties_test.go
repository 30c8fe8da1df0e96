package gateway

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
)

type color string

func TestPropertiesThatAreTaken(t *testing.T) {
	text := "text"
	taken := map[string]struct{ value, want any }{
		"text":               {"Größe 日本 🙂", "Größe 日本 🙂"},
		"empty text":         {"", ""},
		"named text":         {color("red"), "red"},
		"pointer":            {&text, "text"},
		"bool":               {true, true},
		"largest integer":    {int64(1<<53 - 1), 9007199254740991.0},
		"smallest integer":   {-int64(1<<53 - 1), -9007199254740991.0},
		"unsigned":           {uint8(255), 255.0},
		"float64":            {0.1, 0.1},
		"float32":            {float32(0.1), 0.1},
		"JSON integer":       {json.Number("42"), 42.0},
		"JSON number":        {json.Number("2.5"), 2.5},
		"texts":              {[]string{"a", "b"}, []any{"a", "b"}},
		"texts in a JSON":    {[]any{"a", "b"}, []any{"a", "b"}},
		"named texts":        {[2]color{"red", "blue"}, []any{"red", "blue"}},
		"no texts":           {[]string{}, []any{}},
		"smallest subnormal": {math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat64},
	}
	properties, want := map[string]any{}, map[string]any{}
	for name, one := range taken {
		properties[name], want[name] = one.value, one.want
	}
	found, err := Properties(properties)
	if err != nil {
		t.Fatal(err)
	}
	if got := found.AsMap(); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

// All that protobuf's own conversion would round, or turn into something else, is named at once.
func TestPropertiesThatAreRefused(t *testing.T) {
	var pointer *string
	refused := map[string]struct {
		value any
		rule  string
	}{
		"nil":                 {nil, "NULL_PROPERTY"},
		"nil list":            {[]string(nil), "NULL_PROPERTY"},
		"nil pointer":         {pointer, "NULL_PROPERTY"},
		"2^53":                {1 << 53, "PRECISION"},
		"-2^53":               {-1 << 53, "PRECISION"},
		"unsigned 2^53":       {uint64(1 << 53), "PRECISION"},
		"float of 2^53":       {float64(1 << 53), "PRECISION"},
		"JSON 2^53":           {json.Number("9007199254740992"), "PRECISION"},
		"JSON beyond 64 bits": {json.Number("18446744073709551616"), "PRECISION"},
		"JSON beyond floats":  {json.Number("1e400"), "FINITE"},
		"NaN":                 {math.NaN(), "FINITE"},
		"infinite float32":    {float32(math.Inf(-1)), "FINITE"},
		"bytes":               {[]byte("a"), "NESTED_PROPERTY"},
		"numbers":             {[]int{1}, "NESTED_PROPERTY"},
		"mixed list":          {[]any{"a", 1}, "NESTED_PROPERTY"},
		"nil in a list":       {[]any{nil}, "NESTED_PROPERTY"},
		"object":              {map[string]any{"a": "b"}, "NESTED_PROPERTY"},
		"struct":              {struct{ A int }{1}, "NESTED_PROPERTY"},
		"not UTF-8":           {"\xff", ""},
		"not UTF-8 in a list": {[]string{"\xff"}, ""},
	}
	properties, want := map[string]any{}, map[string]string{}
	for name, one := range refused {
		properties[name] = one.value
		want[`properties["`+name+`"]`] = one.rule
	}
	_, err := Properties(properties)
	expectError(t, err, codes.InvalidArgument, "INVALID_FIELDS")
	got := map[string]string{}
	for _, violation := range violationsOf(err) {
		got[violation.Field] = violation.Rule
	}
	if !maps.Equal(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

// A path shows no more of a key than the gateway does.
func TestPathOfALongKey(t *testing.T) {
	_, err := Properties(map[string]any{string(slices.Repeat([]rune("é"), 300)): nil})
	escaped := string(slices.Repeat([]byte(`\u00e9`), 64))
	if got := violationsOf(err)[0].Field; got != `properties["`+escaped+`"]` {
		t.Error(got)
	}
}

func TestNonEmpty(t *testing.T) {
	if NonEmpty("") != nil || *NonEmpty("u-1") != "u-1" {
		t.Fail()
	}
}

func violationsOf(err error) []Violation {
	var found *Error
	errors.As(err, &found)
	return found.Violations
}
