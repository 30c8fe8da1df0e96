//! What `Properties` takes and refuses.

use personalize_gateway_client::{GatewayError, Properties, non_empty};
use prost_types::value::Kind;
use prost_types::{ListValue, Value};

const MAX_EXACT: i64 = (1 << 53) - 1;

fn refused(properties: Properties) -> Vec<(String, String)> {
    let error: GatewayError = properties.build().unwrap_err();
    assert_eq!((error.code, error.reason.as_str()), (tonic::Code::InvalidArgument, "INVALID_FIELDS"));
    assert_eq!(error.violation_count as usize, error.violations.len());
    error.violations.into_iter().map(|one| (one.field, one.rule)).collect()
}

/// Each type becomes the value that it is.
#[test]
fn values() {
    let properties = Properties::new()
        .set("text", "grüße")
        .set("float", 0.1_f32)
        .set("double", 12.5)
        .set("least", -MAX_EXACT)
        .set("most", u64::try_from(MAX_EXACT).unwrap())
        .set("flag", false)
        .set("categories", ["Shoes", "Boots"])
        .set_if_some("known", Some(7_u8))
        .set_if_some("unknown", None::<String>)
        .build()
        .unwrap();
    let list = ListValue { values: vec![Value::from("Shoes"), Value::from("Boots")] };
    let expected = [
        ("text", Kind::StringValue("grüße".into())),
        ("float", Kind::NumberValue(0.1)),
        ("double", Kind::NumberValue(12.5)),
        ("least", Kind::NumberValue(-9_007_199_254_740_991.0)),
        ("most", Kind::NumberValue(9_007_199_254_740_991.0)),
        ("flag", Kind::BoolValue(false)),
        ("categories", Kind::ListValue(list)),
        ("known", Kind::NumberValue(7.0)),
    ];
    let expected = expected.map(|(key, kind)| (key.to_owned(), Value { kind: Some(kind) }));
    assert_eq!(properties.fields, expected.into());
}

/// What a double would round, and what is no number, is refused: all of it, with its path.
#[test]
fn numbers_that_are_refused() {
    let properties = Properties::new()
        .set("integer", MAX_EXACT + 1)
        .set("unsigned", u64::MAX)
        .set("negative", i64::MIN)
        .set("double", 1e16)
        .set("nan", f64::NAN)
        .set("infinite", f32::INFINITY);
    let expected = [
        (r#"properties["integer"]"#, "PRECISION"),
        (r#"properties["unsigned"]"#, "PRECISION"),
        (r#"properties["negative"]"#, "PRECISION"),
        (r#"properties["double"]"#, "PRECISION"),
        (r#"properties["nan"]"#, "FINITE"),
        (r#"properties["infinite"]"#, "FINITE"),
    ];
    assert_eq!(refused(properties), expected.map(|(field, rule)| (field.to_owned(), rule.to_owned())));
}

/// A key that is set twice would lose one of its values.
#[test]
fn key_twice() {
    let properties = Properties::new().set("price", 1).set("price", 2);
    assert_eq!(refused(properties), [(r#"properties["price"]"#.into(), "DUPLICATE_PROPERTY".into())]);
}

/// A key is shown as the gateway shows it: cut, and without what plays tricks on a terminal.
#[test]
fn key_in_a_path() {
    let long = format!("\"\\ü\u{1f600}\n{}", "k".repeat(60));
    let shown = format!(r#""\"\\\u00fc\ud83d\ude00\u000a{}...""#, "k".repeat(59));
    assert_eq!(refused(Properties::new().set(long, f64::NAN)), [(format!("properties[{shown}]"), "FINITE".into())]);
}

/// An empty text is no value of an optional field.
#[test]
fn empty_text() {
    assert_eq!((non_empty(""), non_empty("u-1")), (None, Some("u-1".into())));
}
