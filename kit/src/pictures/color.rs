//! Colours that colour-blind people tell apart, and that differ in lightness where they are an order.

/// Red, green and blue.
pub(super) type Color = [u8; 3];

pub(super) const WHITE: Color = [255; 3];
pub(super) const INK: Color = [38; 3];
pub(super) const MUTED: Color = [110; 3];
pub(super) const FRAME: Color = [150; 3];
pub(super) const GRID: Color = [228; 3];

pub(super) const BLUE: Color = [0, 114, 178];
pub(super) const VERMILLION: Color = [213, 94, 0];
pub(super) const BLACK: Color = [0; 3];

/// Pixels whose value is NaN or infinite.
pub(super) const NOT_FINITE: Color = VERMILLION;

/// The colours of Okabe and Ito, "Color Universal Design" (2008), yellow last: it is hard to see on white.
pub(super) const OKABE_ITO: [Color; 8] =
    [BLUE, VERMILLION, [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233], BLACK, [240, 228, 66]];

/// Every sixteenth of cividis: Nuñez, Anderton and Renslow, "Optimizing colormaps with consideration for color vision
/// deficiency" (2018). Lightness rises steadily, and looks the same to people without red or green cones.
const CIVIDIS: [Color; 17] = [
    [0, 34, 78],
    [0, 46, 106],
    [26, 56, 111],
    [50, 67, 109],
    [67, 78, 108],
    [83, 90, 109],
    [97, 101, 111],
    [111, 112, 115],
    [125, 124, 120],
    [140, 136, 120],
    [155, 148, 118],
    [171, 160, 114],
    [188, 174, 108],
    [205, 187, 99],
    [222, 201, 88],
    [240, 216, 70],
    [254, 232, 56],
];

/// Blues whose lightness falls by equal steps, from 98 to 20 (CIELAB): most cells of a confusion matrix are near 0, and
/// should be as light as the paper.
const BLUES: [Color; 9] = [
    [246, 250, 253],
    [203, 224, 242],
    [161, 199, 231],
    [121, 173, 218],
    [81, 147, 203],
    [38, 122, 184],
    [2, 97, 156],
    [2, 73, 123],
    [0, 50, 90],
];

/// The colour of cividis at `t` of `[0, 1]`, from dark to light.
pub(super) fn cividis(t: f64) -> Color {
    between(&CIVIDIS, t)
}

/// The blue at `t` of `[0, 1]`, from light to dark.
pub(super) fn blues(t: f64) -> Color {
    between(&BLUES, t)
}

fn between(colors: &[Color], t: f64) -> Color {
    let place = t.clamp(0.0, 1.0) * (colors.len() - 1) as f64;
    let below = (place as usize).min(colors.len() - 2);
    mix(colors[below], colors[below + 1], place - below as f64)
}

/// `a` for 0, `b` for 1.
pub(super) fn mix(a: Color, b: Color, t: f64) -> Color {
    std::array::from_fn(|i| (f64::from(a[i]) + t * (f64::from(b[i]) - f64::from(a[i]))).round() as u8)
}

/// White, or a dark grey around light colours.
pub(super) fn edge_of(color: Color) -> Color {
    if luminance(color) > 0.6 { MUTED } else { WHITE }
}

/// Black or white, whichever is easier to read on this colour.
pub(super) fn ink_on(color: Color) -> Color {
    // Above this relative luminance (WCAG 2), black has the larger contrast.
    if luminance(color) > 0.179 { BLACK } else { WHITE }
}

fn luminance(color: Color) -> f64 {
    let linear = color.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightness_rises() {
        let luminances = |map: fn(f64) -> Color| -> Vec<f64> {
            (0..=256).map(|i| luminance(map(f64::from(i) / 256.0))).collect()
        };
        assert!(luminances(cividis).is_sorted());
        assert!(luminances(blues).iter().rev().is_sorted());
        assert_eq!([cividis(-1.0), cividis(0.5), cividis(2.0)], [CIVIDIS[0], CIVIDIS[8], CIVIDIS[16]]);
    }

    /// WCAG asks for a contrast of 4.5 of small text.
    #[test]
    fn text_is_readable_on_every_color() {
        let parts = (0..=256).map(|i| f64::from(i) / 256.0);
        for color in parts.clone().map(cividis).chain(parts.map(blues)).chain(OKABE_ITO) {
            let (a, b) = (luminance(color) + 0.05, luminance(ink_on(color)) + 0.05);
            assert!(a.max(b) / a.min(b) >= 4.5, "{color:?}");
        }
    }
}
