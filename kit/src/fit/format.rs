//! How numbers are written in a JSON log.

/// 16 hexadecimal digits, because many readers of JSON have no integers of 64 bits.
pub(super) mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:016x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        u64::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(D::Error::custom)
    }
}

/// A number that may be NaN or infinite, which JSON does not have: a text then.
pub(super) mod number {
    use std::fmt;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub struct Any(pub f64);

    pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Any(*number).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Any::deserialize(deserializer)?.0)
    }

    impl Serialize for Any {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.0.is_finite() {
                serializer.serialize_f64(self.0)
            } else {
                serializer.collect_str(&self.0)
            }
        }
    }

    impl<'de> Deserialize<'de> for Any {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;

            impl de::Visitor<'_> for Visitor {
                type Value = Any;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a number")
                }

                fn visit_f64<E>(self, x: f64) -> Result<Any, E> {
                    Ok(Any(x))
                }

                fn visit_u64<E>(self, x: u64) -> Result<Any, E> {
                    Ok(Any(x as f64))
                }

                fn visit_i64<E>(self, x: i64) -> Result<Any, E> {
                    Ok(Any(x as f64))
                }

                fn visit_str<E: de::Error>(self, text: &str) -> Result<Any, E> {
                    text.parse().map(Any).map_err(E::custom)
                }
            }

            deserializer.deserialize_any(Visitor)
        }
    }
}

/// Numbers with names, in their order, as an object.
pub(super) mod named {
    use std::fmt;

    use serde::{Deserializer, Serializer, de};

    use super::number::Any;

    pub fn serialize<S: Serializer>(metrics: &[(String, f64)], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(metrics.iter().map(|(name, value)| (name, Any(*value))))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, f64)>, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Vec<(String, f64)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("numbers with names")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut metrics = vec![];
                while let Some((name, Any(value))) = map.next_entry()? {
                    metrics.push((name, value));
                }
                Ok(metrics)
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}
