//! Bad input costs time and memory in proportion to its length, whatever is in it.
//!
//! Time is counted in instructions, by valgrind, and not by any clock: an input twice as long may take little more than
//! twice as many. Memory is what the allocator hands out at most at a time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rootward_fuzz::{Hostile, hostile};

/// How many times its length an input may hold of memory at a time, beyond what a walk holds anyway.
const TIMES: usize = 20;
const ANYWAY: usize = 256 << 10;

/// Sorting makes a little more than twice as much of twice as long an input.
const MOST_GROWTH: f64 = 2.5;

#[test]
fn no_input_holds_more_than_a_small_multiple_of_its_length_in_memory() {
    let mut told = Vec::new();
    for kind in hostile() {
        let input = (kind.make)(kind.size);
        let length: usize = input.iter().map(|(_, file)| file.len()).sum();
        let held = held_by(|| (kind.work)(&input));
        println!(
            "{:>6.1} times {length:>9} bytes: {}",
            held as f64 / length as f64,
            kind.name
        );
        if held > TIMES * length + ANYWAY {
            told.push((kind.name, length, held));
        }
    }
    assert_eq!(told, []);
}

#[test]
fn what_holds_more_is_found() {
    let held = held_by(|| drop(std::hint::black_box(vec![1_u8; 10_000_000])));
    assert!((10_000_000..11_000_000).contains(&held), "{held}");
}

#[test]
fn twice_as_long_an_input_takes_little_more_than_twice_as_much_work() {
    let mut told = Vec::new();
    for (place, kind) in hostile().iter().enumerate() {
        let growth = growth(place, kind.size);
        println!("{growth:>5.2} {}", kind.name);
        if growth > MOST_GROWTH {
            told.push((kind.name, growth));
        }
    }
    assert_eq!(told, []);
}

#[test]
fn work_that_grows_with_the_square_is_found() {
    let names: Vec<Hostile> = hostile();
    let growth = growth(names.len(), 1_000);
    assert!(growth > 3.5, "{growth}");
}

/// How many times as much work an input of twice the size is, its making left out.
fn growth(place: usize, size: usize) -> f64 {
    let work = |size: usize| {
        let (with, without) = (instructions(place, size, "work"), instructions(place, size, "make"));
        with.saturating_sub(without) as f64
    };
    work(2 * size) / work(size)
}

/// Instructions of one run, all told.
fn instructions(place: usize, size: usize, what: &str) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_hostile-input"))
        .args([place.to_string(), size.to_string(), what.to_owned()])
        .output()
        .expect("valgrind is there: ./dev test installs it");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let count = told
        .lines()
        .find_map(|line| line.split("I refs:").nth(1).or_else(|| line.split("I   refs:").nth(1)));
    let digits: String = count
        .unwrap_or_else(|| panic!("{told}"))
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().expect("a number of instructions")
}

/// What a piece of work has in memory at most, beyond what was there before. One at a time.
fn held_by(work: impl FnOnce()) -> usize {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    work();
    MOST.load(Ordering::Relaxed) - before
}

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

#[expect(
    unsafe_code,
    reason = "the system's allocator, counted; every call is handed on as it is"
)]
// SAFETY: each method has the contract of the one it calls.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}
