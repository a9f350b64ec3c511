//! Files stay readable in one sitting.

use crate::source;

const LONGEST: usize = 500;
const MEDIAN: usize = 150;

#[test]
fn no_file_is_long() {
    let mut sizes: Vec<(usize, String)> =
        source::files().into_iter().map(|file| (file.text.lines().count(), file.path)).collect();
    sizes.sort();
    let long: Vec<_> = sizes.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(long.is_empty(), "more than {LONGEST} lines: {long:?}");
    let median = sizes[sizes.len() / 2].0;
    assert!(median <= MEDIAN, "the median is {median} lines");
}
