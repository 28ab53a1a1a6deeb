//! Whether bytes are a well-formed protobuf message of ONNX.
//!
//! `rten-onnx` trusts the lengths of the file's outermost message and the depth of nested graphs, as it is made for files
//! of one's own: a hostile file could make it allocate any length, or overflow its stack. This check comes first. It visits
//! the same messages as the parser and allocates nothing.

/// How deep messages may be nested. Models of multi-layer perceptrons nest 6: model, graph, input, type, shape, dimension.
const MAX_DEPTH: usize = 24;

/// The messages that the parser reads.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    ValueInfo,
    Type,
    TensorType,
    SequenceType,
    Shape,
    /// Messages without messages or packed numbers inside.
    Flat,
}

/// The content of a field with a length.
enum Content {
    Message(Message),
    Varints,
    Numbers { size: usize },
    Bytes,
}

/// The content of a field, by the numbers of onnx.proto.
fn content(message: Message, field: u64) -> Content {
    use Content::{Bytes, Numbers, Varints};
    let inside = match (message, field) {
        (Message::Model, 7) | (Message::Attribute, 6) => Message::Graph,
        (Message::Model, 8 | 14) | (Message::Tensor, 13) | (Message::Shape, 1) => Message::Flat,
        (Message::Graph, 1) => Message::Node,
        (Message::Graph, 5) | (Message::Attribute, 5) => Message::Tensor,
        (Message::Graph, 11..=13) => Message::ValueInfo,
        (Message::Node, 5) => Message::Attribute,
        (Message::ValueInfo, 2) | (Message::SequenceType, 1) => Message::Type,
        (Message::Type, 1) => Message::TensorType,
        (Message::Type, 4) => Message::SequenceType,
        (Message::TensorType, 2) => Message::Shape,
        (Message::Tensor, 5 | 7) => return Varints,
        (Message::Tensor, 4) => return Numbers { size: 4 },
        (Message::Tensor, 10) => return Numbers { size: 8 },
        _ => return Bytes,
    };
    Content::Message(inside)
}

/// Checks a file.
pub fn check(file: &[u8]) -> Result<(), &'static str> {
    check_message(Message::Model, file, 0)
}

fn check_message(message: Message, mut bytes: &[u8], depth: usize) -> Result<(), &'static str> {
    if depth > MAX_DEPTH {
        return Err("its messages are nested too deeply");
    }
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        match tag & 7 {
            0 => drop(varint(&mut bytes)?),
            1 => drop(take(&mut bytes, 8)?),
            5 => drop(take(&mut bytes, 4)?),
            2 => {
                let length = varint(&mut bytes)?;
                let mut inside = take(&mut bytes, length)?;
                match content(message, tag >> 3) {
                    Content::Message(message) => check_message(message, inside, depth + 1)?,
                    Content::Varints => {
                        while !inside.is_empty() {
                            varint(&mut inside)?;
                        }
                    }
                    Content::Numbers { size } if inside.len() % size != 0 => {
                        return Err("a list of numbers ends inside of a number");
                    }
                    Content::Numbers { .. } | Content::Bytes => {}
                }
            }
            _ => return Err("a field has a type that protobuf does not have"),
        }
    }
    Ok(())
}

fn take<'b>(bytes: &mut &'b [u8], length: u64) -> Result<&'b [u8], &'static str> {
    let length = usize::try_from(length).map_err(|_| "a length is too large")?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or("the file ends inside of a field")?;
    *bytes = rest;
    Ok(taken)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, &'static str> {
    let mut value = 0;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        if place == 9 && *byte > 1 {
            break;
        }
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *bytes = bytes.get(place + 1..).unwrap_or_default();
            return Ok(value);
        }
    }
    Err("a number is longer than 64 bits or cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field with a length.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        let mut length = content.len();
        while length >= 0x80 {
            bytes.push((length & 0x7f | 0x80) as u8);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend(content);
        bytes
    }

    #[test]
    fn lengths_stay_inside() {
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[0x12, 2, b'a', b'b']), Ok(()));
        assert!(check(&[0x12, 3, b'a', b'b']).is_err());
        assert!(check(&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
        assert!(check(&[0x0b]).is_err()); // a group
        let cut_floats = field(7, &field(5, &field(4, &[0; 5])));
        assert_eq!(check(&cut_floats), Err("a list of numbers ends inside of a number"));
    }

    #[test]
    fn nested_graphs_are_limited() {
        let mut graph = vec![];
        for _ in 0..10_000 {
            graph = field(1, &field(5, &field(6, &graph)));
        }
        assert_eq!(check(&field(7, &graph)), Err("its messages are nested too deeply"));
    }
}
