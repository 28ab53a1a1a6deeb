//! Looks up committed hashes at compile time, so that the image holds only the number.

/// The number after `name` in a file of lines `name hexadecimal`. For `const`s: a missing line is a compile error.
pub const fn expected(file: &str, name: &str) -> u64 {
    let (file, name) = (file.as_bytes(), name.as_bytes());
    let mut start = 0;
    while start < file.len() {
        if starts_with(file, start, name) {
            return hexadecimal(file, start + name.len() + 1);
        }
        while start < file.len() && file[start] != b'\n' {
            start += 1;
        }
        start += 1;
    }
    panic!("the file has no such line")
}

/// Whether the text at `start` is `name` and a blank.
const fn starts_with(file: &[u8], start: usize, name: &[u8]) -> bool {
    let mut i = 0;
    while i < name.len() {
        if start + i >= file.len() || file[start + i] != name[i] {
            return false;
        }
        i += 1;
    }
    start + i < file.len() && file[start + i] == b' '
}

const fn hexadecimal(file: &[u8], start: usize) -> u64 {
    let (mut value, mut i) = (0, start);
    while i < start + 16 {
        let digit = (file[i] as char).to_digit(16).expect("16 hexadecimal digits");
        value = value << 4 | digit as u64;
        i += 1;
    }
    value
}
