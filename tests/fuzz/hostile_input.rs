//! One hostile input in a process of its own, so that its instructions can be counted: `hostile-input PLACE SIZE make|work`.
//!
//! The place behind the last kind is work that grows with the square, to show that the counting shows it.

use rootward_fuzz::hostile;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [place, size, what] = arguments.as_slice() else {
        panic!("PLACE SIZE make|work")
    };
    let (place, size): (usize, usize) = (place.parse().expect("a place"), size.parse().expect("a size"));
    match hostile().get(place) {
        Some(kind) => {
            let input = (kind.make)(size);
            if what == "work" {
                (kind.work)(&input);
            }
        }
        None if what == "work" => {
            let pairs = (0..size).map(|one| (0..size).filter(|other| std::hint::black_box(one) < *other).count());
            assert_eq!(pairs.sum::<usize>(), size * (size - 1) / 2);
        }
        None => {}
    }
}
