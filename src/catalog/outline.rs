//! Outlines that are given by their corners: how large they are, and whether they enclose an area.

use super::validate::CLOSE_MM;

/// All sides are compared with each other, so their number has a bound.
const CORNERS_MAX: usize = 200;

/// Width (x) and depth (y) of all points together, and the least and the greatest x (`near`, `far`), as expressions name them.
pub(super) fn extent(points: &[[f64; 2]]) -> [(&'static str, f64); 4] {
    let ends = |axis: usize| {
        let least = points.iter().map(|point| point[axis]).fold(f64::INFINITY, f64::min);
        let greatest = points.iter().map(|point| point[axis]).fold(f64::NEG_INFINITY, f64::max);
        (least, greatest)
    };
    let ((left, right), (front, back)) = (ends(0), ends(1));
    [("x", right - left), ("y", back - front), ("near", left), ("far", right)]
}

/// Why the corners, one after the other and back to the first, enclose no area.
pub(super) fn fault(points: &[[f64; 2]]) -> Option<&'static str> {
    let count = points.len();
    if count < 3 {
        return Some("an outline has at least three corners");
    }
    if count > CORNERS_MAX {
        return Some("it has more than 200 corners");
    }
    let side = |at: usize| (points[at], points[(at + 1) % count]);
    for one in 0..count {
        let (a, b) = side(one);
        if (0..2).all(|axis| (a[axis] - b[axis]).abs() < CLOSE_MM) {
            return Some("two corners in a row are the same");
        }
        for other in one + 1..count {
            let (c, d) = side(other);
            let neighbours = other == one + 1 || (one == 0 && other == count - 1);
            if neighbours {
                // Only the corner between them is shared, unless one side goes back along the other.
                let (from, corner, to) = if other == one + 1 { (a, b, d) } else { (c, a, b) };
                if turn(from, corner, to) == 0.0
                    && is_between(from, to, corner).is_none_or(|between| !between)
                {
                    return Some("its outline goes back on itself");
                }
            } else if meet((a, b), (c, d)) {
                return Some("its outline crosses or touches itself");
            }
        }
    }
    None
}

/// Twice the area of a triangle: positive when it goes round to the left.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Whether a point on the line through `a` and `b` lies from one to the other; `None` beside the line.
fn is_between(a: [f64; 2], b: [f64; 2], point: [f64; 2]) -> Option<bool> {
    if turn(a, b, point) != 0.0 {
        return None;
    }
    let within = |axis: usize| point[axis] >= a[axis].min(b[axis]) && point[axis] <= a[axis].max(b[axis]);
    Some(within(0) && within(1))
}

fn meet((a, b): ([f64; 2], [f64; 2]), (c, d): ([f64; 2], [f64; 2])) -> bool {
    let parts = |from, to, one, other| turn(from, to, one) * turn(from, to, other) < 0.0;
    let touches = |from, to, point| is_between(from, to, point) == Some(true);
    (parts(a, b, c, d) && parts(c, d, a, b))
        || touches(a, b, c)
        || touches(a, b, d)
        || touches(c, d, a)
        || touches(c, d, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_encloses_an_area_or_says_why_not() {
        let square = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]];
        assert_eq!(fault(&square), None);
        assert_eq!(extent(&square), [("x", 4.0), ("y", 3.0), ("near", 0.0), ("far", 4.0)]);
        // A corner on a straight side is no fault, and an inner corner is none either.
        assert_eq!(fault(&[[0.0, 0.0], [2.0, 0.0], [4.0, 0.0], [4.0, 3.0], [2.0, 1.0]]), None);
        assert!(fault(&square[..2]).unwrap().contains("three corners"));
        assert!(fault(&[[0.0, 0.0], [4.0, 3.0], [4.0, 0.0], [0.0, 3.0]]).unwrap().contains("crosses"));
        assert!(fault(&[[0.0, 0.0], [4.0, 0.0], [2.0, 0.0], [2.0, 3.0]]).unwrap().contains("back on itself"));
        assert!(
            fault(&[[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [2.0, 0.0], [0.0, 3.0]]).unwrap().contains("touches")
        );
        assert!(fault(&[[0.0, 0.0], [0.0, 0.0], [4.0, 0.0], [4.0, 3.0]]).unwrap().contains("the same"));
    }
}
