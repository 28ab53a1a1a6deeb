//! Files of weights that are almost right: the entries of a whole file with some edits.

use arbitrary::Arbitrary;

use crate::weights::KEYS;

/// A whole file of [`Net`](crate::weights::Net), and what is changed in it.
#[derive(Arbitrary, Debug)]
pub struct File {
    /// The type of all numbers.
    dtype: Dtype,
    edits: Vec<Edit>,
    metadata: Option<Vec<(Name, Name)>>,
    spaces: bool,
    /// Bytes of the numbers, which are repeated.
    numbers: Vec<u8>,
    /// More or fewer bytes than the tensors have.
    surplus: i8,
    /// Single bytes of the file.
    damage: Vec<(u16, u8)>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Dtype {
    F64,
    F32,
    F16,
    Bf16,
    I64,
    I32,
    U8,
    F4,
    Unknown,
}

impl Dtype {
    fn name(self) -> &'static str {
        match self {
            Dtype::F64 => "F64",
            Dtype::F32 => "F32",
            Dtype::F16 => "F16",
            Dtype::Bf16 => "BF16",
            Dtype::I64 => "I64",
            Dtype::I32 => "I32",
            Dtype::U8 => "U8",
            Dtype::F4 => "F4",
            Dtype::Unknown => "F33",
        }
    }

    fn bits(self) -> usize {
        match self {
            Dtype::F64 | Dtype::I64 => 64,
            Dtype::F32 | Dtype::I32 | Dtype::Unknown => 32,
            Dtype::F16 | Dtype::Bf16 => 16,
            Dtype::U8 => 8,
            Dtype::F4 => 4,
        }
    }
}

#[derive(Arbitrary, Clone, Debug)]
enum Name {
    Of(u8),
    Example(bool),
    Metadata,
    Digits(u8, u8),
    Text(String),
}

impl Name {
    /// In JSON, quotes included.
    fn json(&self) -> String {
        let text = match self {
            Name::Of(place) => KEYS[usize::from(*place) % KEYS.len()].0.into(),
            Name::Example(true) => "stackprop.example.input".into(),
            Name::Example(false) => "stackprop.example.output".into(),
            Name::Metadata => "__metadata__".into(),
            Name::Digits(digit, count) => format!("{:x}", digit % 17).repeat(usize::from(*count) % 32),
            Name::Text(text) => text.clone(),
        };
        serde_json::to_string(&text).expect("a text is JSON")
    }
}

#[derive(Arbitrary, Debug)]
enum Edit {
    Remove(u8),
    Repeat(u8),
    Swap(u8, u8),
    Rename(u8, Name),
    Dtype(u8, Dtype),
    Shape(u8, Vec<u32>),
    /// Another order of the tensor's numbers than that of the entries.
    First(u8),
    Place(u8, u16, u16),
    Key(u8, bool),
}

#[derive(Clone)]
struct Entry {
    name: String,
    dtype: Dtype,
    shape: Vec<u32>,
    place: Option<(u16, u16)>,
    /// The entries with the lowest rank have their numbers first.
    rank: usize,
    shape_first: bool,
    without_dtype: bool,
}

impl Entry {
    fn bytes(&self) -> usize {
        let elements = self.shape.iter().fold(1_usize, |product, n| product.saturating_mul(*n as usize));
        (elements.saturating_mul(self.dtype.bits()) / 8).min(1 << 16)
    }

    fn json(&self, start: usize, space: &str) -> String {
        let (name, dtype, shape) = (&self.name, self.dtype.name(), &self.shape);
        let (start, end) = match self.place {
            Some((start, end)) => (usize::from(start), usize::from(end)),
            None => (start, start + self.bytes()),
        };
        let dtype = format!("\"dtype\":{space}\"{dtype}\"");
        let shape = format!("\"shape\":{space}{shape:?}");
        let place = format!("\"data_offsets\":{space}[{start},{space}{end}]");
        let mut fields = vec![dtype, shape, place];
        if self.shape_first {
            fields.rotate_left(1);
        }
        if self.without_dtype {
            fields.remove(0);
        }
        format!("{name}:{space}{{{}}}", fields.join(","))
    }
}

impl File {
    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        let entries = self.entries();
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|place| entries[*place].rank);
        let (mut starts, mut end) = (vec![0; entries.len()], 0);
        for place in order {
            starts[place] = end;
            end += entries[place].bytes();
        }
        let space = if self.spaces { " " } else { "" };
        let mut fields: Vec<String> =
            entries.iter().zip(starts).map(|(entry, start)| entry.json(start, space)).collect();
        if let Some(metadata) = &self.metadata {
            let texts = metadata.iter().map(|(name, value)| format!("{}:{}", name.json(), value.json()));
            fields.insert(0, format!("\"__metadata__\":{{{}}}", texts.collect::<Vec<_>>().join(",")));
        }
        let header = format!("{{{}}}{space}", fields.join(","));
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.as_bytes());
        let numbers = self.numbers.iter().copied().chain([1]).cycle();
        file.extend(numbers.take(end.saturating_add_signed(self.surplus.into())));
        for (place, byte) in &self.damage {
            let place = usize::from(*place) % file.len();
            file[place] = *byte;
        }
        file
    }

    fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = KEYS.iter().map(|key| self.whole(key)).collect();
        for edit in self.edits.iter().take(8) {
            apply(edit, &mut entries);
        }
        entries
    }

    fn whole(&self, (key, shape): &(&str, &[usize])) -> Entry {
        Entry {
            name: format!("\"{key}\""),
            dtype: if shape.is_empty() { Dtype::I64 } else { self.dtype },
            shape: shape.iter().map(|n| *n as u32).collect(),
            place: None,
            rank: 1,
            shape_first: false,
            without_dtype: false,
        }
    }
}

fn apply(edit: &Edit, entries: &mut Vec<Entry>) {
    let count = entries.len().max(1);
    let index = |place: &u8| usize::from(*place) % count;
    let mut change = |place: &u8, change: &dyn Fn(&mut Entry)| entries.get_mut(index(place)).map(change);
    match edit {
        Edit::Rename(place, name) => change(place, &|entry| entry.name = name.json()),
        Edit::Dtype(place, dtype) => change(place, &|entry| entry.dtype = *dtype),
        Edit::Shape(place, shape) => change(place, &|entry| entry.shape = shape.clone()),
        Edit::First(place) => change(place, &|entry| entry.rank = 0),
        Edit::Place(place, start, end) => change(place, &|entry| entry.place = Some((*start, *end))),
        Edit::Key(place, true) => change(place, &|entry| entry.shape_first = true),
        Edit::Key(place, false) => change(place, &|entry| entry.without_dtype = true),
        Edit::Swap(a, b) if !entries.is_empty() => Some(entries.swap(index(a), index(b))),
        Edit::Remove(place) if !entries.is_empty() => Some(drop(entries.remove(index(place)))),
        Edit::Repeat(place) => entries.get(index(place)).cloned().map(|entry| entries.push(entry)),
        Edit::Swap(..) | Edit::Remove(_) => None,
    };
}
