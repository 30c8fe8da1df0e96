use std::collections::BTreeMap;

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use crate::error::{GatewayError, Violation};

/// The largest whole number up to which a double holds each: 2^53 - 1.
const MAX_EXACT_INTEGER: u64 = (1 << 53) - 1;
const SHOWN_CHARACTERS: usize = 64;

/// Returns the text, or `None` where it is empty: for optional fields, in which an empty text is refused.
pub fn non_empty(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}

/// Makes the `properties` of a record.
///
/// ```
/// use personalize_gateway_client::Properties;
///
/// let properties = Properties::new().set("price", 12.5).set("category", ["Shoes", "Boots"]).build()?;
/// assert_eq!(properties.fields.len(), 2);
/// # Ok::<(), personalize_gateway_client::GatewayError>(())
/// ```
///
/// A number of the messages is a double: what it would round, and NaN, is refused here, as the gateway
/// would refuse it. An `f32` stays the number that it prints as.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Properties {
    columns: Vec<(String, Property)>,
}

impl Properties {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a column, by the camelCase form of its name.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Property>) -> Self {
        self.columns.push((key.into(), value.into()));
        self
    }

    /// Sets a column where there is a value.
    pub fn set_if_some(self, key: impl Into<String>, value: Option<impl Into<Property>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// Returns the message, or all that is wrong.
    pub fn build(self) -> Result<Struct, GatewayError> {
        let mut fields = BTreeMap::new();
        let mut violations = Vec::new();
        for (key, property) in self.columns {
            if fields.contains_key(&key) {
                violations.push(violation(&key, "DUPLICATE_PROPERTY", "is set twice"));
            }
            let value = property.value().unwrap_or_else(|(rule, description)| {
                violations.push(violation(&key, rule, description));
                Value::default()
            });
            fields.insert(key, value);
        }
        if violations.is_empty() { Ok(Struct { fields }) } else { Err(GatewayError::refused(violations)) }
    }
}

fn violation(key: &str, rule: &str, description: &str) -> Violation {
    Violation { field: format!("properties[{}]", quoted(key)), rule: rule.into(), description: description.into() }
}

/// Quotes a key as the gateway does: cut, and all but visible ASCII escaped.
fn quoted(key: &str) -> String {
    let mut quoted = String::from('"');
    for (index, character) in key.chars().enumerate() {
        match character {
            _ if index == SHOWN_CHARACTERS => {
                quoted.push_str("...");
                break;
            }
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ => quoted.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    quoted.push('"');
    quoted
}

/// The value of a column. Most types that hold one become it by themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// A text.
    Text(String),
    /// A number that may have a fraction.
    Number(f64),
    /// A whole number.
    Integer(i128),
    /// True or false.
    Boolean(bool),
    /// Several categories.
    Categories(Vec<String>),
}

type Fault = (&'static str, &'static str);

const INEXACT: Fault = ("PRECISION", "is a whole number from 2^53 on, which would be rounded: send it as a text");
const NOT_FINITE: Fault = ("FINITE", "is no finite number: leave the key out");

impl Property {
    fn value(self) -> Result<Value, Fault> {
        let kind = match self {
            Self::Text(text) => Kind::StringValue(text),
            Self::Number(number) => Kind::NumberValue(exact(number)?),
            Self::Integer(number) => Kind::NumberValue(exact_integer(number)?),
            Self::Boolean(boolean) => Kind::BoolValue(boolean),
            Self::Categories(categories) => {
                Kind::ListValue(ListValue { values: categories.into_iter().map(Value::from).collect() })
            }
        };
        Ok(Value { kind: Some(kind) })
    }
}

#[allow(clippy::cast_precision_loss)] // No number is larger than what a double holds.
fn exact_integer(number: i128) -> Result<f64, Fault> {
    if number.unsigned_abs() > MAX_EXACT_INTEGER.into() {
        return Err(INEXACT);
    }
    Ok(number as f64)
}

#[allow(clippy::cast_precision_loss)]
fn exact(number: f64) -> Result<f64, Fault> {
    if !number.is_finite() {
        Err(NOT_FINITE)
    } else if number.abs() > MAX_EXACT_INTEGER as f64 {
        Err(INEXACT)
    } else {
        Ok(number)
    }
}

macro_rules! property_from {
    ($variant:ident: $($type:ty),+) => {
        $(impl From<$type> for Property {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

property_from!(Text: &str, String);
property_from!(Number: f64);
property_from!(Integer: i8, i16, i32, i64, u8, u16, u32, u64);
property_from!(Boolean: bool);

impl From<f32> for Property {
    fn from(number: f32) -> Self {
        // By way of its text: 0.1 as f32 is 0.10000000149011612 as f64.
        Self::Number(number.to_string().parse().unwrap_or(f64::NAN))
    }
}

impl<T: Into<String>> From<Vec<T>> for Property {
    fn from(categories: Vec<T>) -> Self {
        Self::Categories(categories.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<String>, const N: usize> From<[T; N]> for Property {
    fn from(categories: [T; N]) -> Self {
        Self::Categories(categories.into_iter().map(Into::into).collect())
    }
}
